/** The demo's torrent of many files: what somebody may have recorded outdoors, some of which one can do without. */

/** Names and lengths are invented. */
export const recordings = {
  name: "Tidal Flats",
  files: [
    ["About these recordings.txt", 4_113],
    ["Cover.jpg", 1_204_882],
    ["Dawn/01 First light over the reeds.flac", 14_882_071],
    ["Dawn/02 Curlews.flac", 9_310_556],
    ["Dawn/03 The tide turns.flac", 11_957_320],
    ["Day/04 Halyards in the wind.flac", 8_206_914],
    ["Day/05 Under the jetty.flac", 12_640_233],
    ["Night/06 Foghorn, far out.flac", 10_418_790],
    ["Night/07 Rain on the boat.flac", 15_073_608],
    ["Booklet/Booklet.pdf", 6_731_245],
    ["Booklet/Map of the places.png", 2_486_019],
    ["Uncut/Dawn, uncut.wav", 34_519_084],
    ["Uncut/Night, uncut.wav", 22_806_572],
  ],
} as const;
