"""DHT nodes of libtorrent 2.0, for a private DHT on loopback.

libtorrent-dht.py ADDRESS PORT COUNT
    Runs COUNT nodes on the addresses 127.45.0.1, 127.45.0.2 …, all at PORT, which come into the network by the node at
    ADDRESS:PORT.
    Takes one JSON object a line on standard input, and answers each with one on standard output:
      {"do": "count"}                                 nodes in each one's table
      {"do": "announce", "node": I, "hash": HEX}      itself, at PORT
      {"do": "peers", "node": I, "hash": HEX}         the peers of one search
      {"do": "put", "node": I, "value": TEXT}         an immutable item: its target
      {"do": "get", "node": I, "target": HEX}
      {"do": "put-signed", "node": I, "private": HEX, "public": HEX, "salt": TEXT, "value": TEXT}
      {"do": "get-signed", "node": I, "public": HEX, "salt": TEXT}
      {"do": "sample", "node": I, "address": A, "port": N}
    Ends when standard input does.
"""
import json
import sys
import tempfile
import time

import libtorrent as lt


def say(**what):
    print(json.dumps(what), flush=True)


def start(index, bootstrap):
    session = lt.session({
        "listen_interfaces": "127.45.0.%d:%d" % (index + 1, bootstrap[1]),
        "outgoing_interfaces": "127.45.0.%d" % (index + 1),
        "enable_dht": True,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "dht_bootstrap_nodes": "",
        "dht_restrict_routing_ips": False,
        "dht_restrict_search_ips": False,
        "dht_enforce_node_id": False,
        "dht_prefer_verified_node_ids": False,
        "dht_ignore_dark_internet": False,
        "dht_upload_rate_limit": 200000,
        "dht_block_ratelimit": 1000,
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert.category_t.dht_notification
        | lt.alert.category_t.dht_operation_notification
        | lt.alert.category_t.stats_notification,
    })
    session.add_dht_node(bootstrap)
    return session


def wait_for(session, kind, fits=lambda alert: True, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        session.wait_for_alert(100)
        for alert in session.pop_alerts():
            if isinstance(alert, kind) and fits(alert):
                return alert
    return None


def text_of(alert):
    value = None if alert is None or alert.item is None else alert.item["value"]
    return value.decode() if isinstance(value, bytes) else value


def do(sessions, request):
    what = request["do"]
    if what == "count":
        for session in sessions:
            session.post_dht_stats()
        counts = []
        for session in sessions:
            alert = wait_for(session, lt.dht_stats_alert, seconds=5)
            counts.append(0 if alert is None else sum(bucket["num_nodes"] for bucket in alert.routing_table))
        return {"counts": counts}
    session = sessions[request["node"]]
    session.pop_alerts()
    if what == "announce":
        # The call for it takes a kind of value that Python has no name for: a magnet link announces itself.
        add = lt.parse_magnet_uri("magnet:?xt=urn:btih:" + request["hash"])
        add.save_path = tempfile.gettempdir()
        add.flags = add.flags & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
        session.add_torrent(add).force_dht_announce()
        return {}
    if what == "peers":
        wanted = lt.sha1_hash(bytes.fromhex(request["hash"]))
        session.dht_get_peers(wanted)
        found = set()
        end = time.monotonic() + request.get("seconds", 4)
        while time.monotonic() < end and not found:
            session.wait_for_alert(100)
            for alert in session.pop_alerts():
                # Others may still come of a torrent that was announced.
                if isinstance(alert, lt.dht_get_peers_reply_alert) and alert.info_hash == wanted:
                    found.update("%s:%d" % peer for peer in alert.peers())
        return {"peers": sorted(found)}
    if what == "put":
        target = session.dht_put_immutable_item(request["value"])
        alert = wait_for(session, lt.dht_put_alert)
        return {"target": str(target), "stored": 0 if alert is None else alert.num_success}
    if what == "get":
        session.dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(request["target"])))
        alert = wait_for(session, lt.dht_immutable_item_alert)
        return {"value": text_of(alert)}
    if what == "put-signed":
        session.dht_put_mutable_item(bytes.fromhex(request["private"]), bytes.fromhex(request["public"]),
                                     request["value"].encode(), request["salt"].encode())
        alert = wait_for(session, lt.dht_put_alert)
        return {"stored": 0 if alert is None else alert.num_success, "sequence": 0 if alert is None else alert.seq}
    if what == "get-signed":
        session.dht_get_mutable_item(bytes.fromhex(request["public"]), request["salt"].encode())
        alert = wait_for(session, lt.dht_mutable_item_alert, lambda each: each.authoritative)
        return {"value": text_of(alert), "sequence": 0 if alert is None else alert.seq}
    if what == "sample":
        session.dht_sample_infohashes((request["address"], request["port"]), lt.sha1_hash(b"x" * 20))
        alert = wait_for(session, lt.dht_sample_infohashes_alert)
        return {} if alert is None else {
            "samples": [str(each) for each in alert.samples],
            "count": alert.num_infohashes,
            "interval": alert.interval.total_seconds(),
        }
    return {"problem": "unknown: %s" % what}


address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
nodes = [start(index, (address, port)) for index in range(count)]
say(event="started")
for line in sys.stdin:
    try:
        say(**do(nodes, json.loads(line)))
    except Exception as error:
        say(problem=repr(error))
for node in nodes:
    node.pause()
