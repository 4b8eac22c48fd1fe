"""A peer and a torrent maker on libtorrent 2.0, for the interoperability tests.

libtorrent-peer.py run TORRENT DIRECTORY ADDRESS PORT plain|stock [HOST:PORT] [UP_LIMIT]
    TORRENT is a file or a magnet link. Downloads or seeds until SIGTERM, dials HOST:PORT ("-" for nobody), and uploads at most
    UP_LIMIT bytes a second. Prints one JSON object a line: {"event": "seeding"} once it has everything, and {"event": "peers",
    "peers": [...]} with "HOST:PORT" of those it is connected to, each time they are others. Environment: LSD=on tells the local
    network of it, QUIET=on logs errors only, TAKER=on gives nothing to anybody.
libtorrent-peer.py create CONTENT OUT PIECE_LENGTH TRACKER
    Makes a v1 torrent of a file or folder.
"""
import json
import os
import signal
import sys

import libtorrent as lt


def say(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def run(torrent, directory, address, port, settings, dialled="-", up_limit="0"):
    bracketed = "[%s]" % address if ":" in address else address
    options = {
        "listen_interfaces": "%s:%s" % (bracketed, port),
        "outgoing_interfaces": address,
        "enable_dht": False,
        "enable_lsd": os.environ.get("LSD") == "on",
        "enable_upnp": False,
        "enable_natpmp": False,
        "allow_multiple_connections_per_ip": True,
        "ssrf_mitigation": False,
        "announce_to_all_trackers": True,
        "stop_tracker_timeout": 1,
        "min_reconnect_time": 1,
        "alert_mask": lt.alert.category_t.all_categories & ~lt.alert.category_t.stats_notification,
    }
    if settings == "plain":
        disabled = 2
        options.update(enable_outgoing_utp=False, enable_incoming_utp=False,
                       out_enc_policy=disabled, in_enc_policy=disabled)
    if os.environ.get("QUIET") == "on":
        options.update(alert_mask=lt.alert.category_t.error_notification | lt.alert.category_t.status_notification)
    if os.environ.get("TAKER") == "on":
        options.update(unchoke_slots_limit=0, allowed_fast_set_size=0)
    session = lt.session(options)
    if torrent.startswith("magnet:"):
        add = lt.parse_magnet_uri(torrent)
    else:
        add = lt.add_torrent_params()
        add.ti = lt.torrent_info(torrent)
    add.save_path = directory
    add.flags = add.flags & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    handle = session.add_torrent(add)
    # Limits of the session leave out peers on loopback.
    handle.set_upload_limit(int(up_limit))
    if dialled != "-":
        host, dialled_port = dialled.rsplit(":", 1)
        handle.connect_peer((host, int(dialled_port)))

    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    seeding = False
    peers = []
    shown = ("error", "tracker", "peer_connect", "peer_disconnect", "hash_failed", "banned")
    while not stopping:
        session.wait_for_alert(50)
        for alert in session.pop_alerts():
            if any(word in alert.what() for word in shown):
                print(alert.what() + ": " + alert.message(), file=sys.stderr, flush=True)
        status = handle.status()
        now = sorted("%s:%s" % peer.ip for peer in handle.get_peer_info() if not peer.flags & (lt.peer_info.connecting | lt.peer_info.handshake))
        if now != peers:
            peers = now
            say("peers", peers=peers)
        if status.is_seeding and not seeding:
            seeding = True
            say("seeding", bytes=status.total_done)
    session.pause()
    # Destroying the session waits until the disk has everything.
    del handle
    del session


def create(content, out, piece_length, tracker):
    files = lt.file_storage()
    lt.add_files(files, content)
    maker = lt.create_torrent(files, piece_size=int(piece_length), flags=lt.create_torrent.v1_only)
    maker.add_tracker(tracker)
    lt.set_piece_hashes(maker, os.path.dirname(content))
    with open(out, "wb") as file:
        file.write(lt.bencode(maker.generate()))


{"run": run, "create": create}[sys.argv[1]](*sys.argv[2:])
