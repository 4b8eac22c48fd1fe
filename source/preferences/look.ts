/** How the UI can look. */

/** `auto`: as is found out about the terminal. */
export const autoSwitches = ["auto", "on", "off"] as const;
export type AutoSwitch = (typeof autoSwitches)[number];
