/** How the UI can look. */

/** In the order of the key that goes through them. `dark`, `light` and `high-contrast` bring their background along. */
export const themeNames = ["auto", "dark", "light", "high-contrast", "16", "mono"] as const;
export type ThemeName = (typeof themeNames)[number];

/** `auto`: as is found out about the terminal. */
export const autoSwitches = ["auto", "on", "off"] as const;
export type AutoSwitch = (typeof autoSwitches)[number];
