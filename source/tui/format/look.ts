/** Which theme is drawn: what the user chose, within what the terminal can show. */
import type { AutoSwitch, ThemeName } from "../../preferences/look.ts";
import { type Capabilities, type ColourDepth, detectCapabilities, type Environment } from "./capabilities.ts";
import { darkPalette, highContrastPalette, lightPalette, type Palette } from "./palettes.ts";
import { makeTheme, type Theme } from "./theme.ts";

export interface LookChoice {
  readonly theme: ThemeName;
  readonly ascii: AutoSwitch;
}

/** Makes each theme once: those who draw compare them. */
export class Looks {
  readonly #capabilities: Capabilities;
  readonly #isLight: boolean;
  readonly #themes = new Map<string, Theme>();

  constructor(env: Environment, platform?: string) {
    this.#capabilities = detectCapabilities(env, platform);
    this.#isLight = isLightBackground(env.COLORFGBG);
  }

  themeFor({ theme, ascii }: LookChoice): Theme {
    const key = `${theme} ${ascii}`;
    const known = this.#themes.get(key);
    if (known !== undefined) return known;
    const { colours, hasUnicode } = this.#capabilities;
    const made = makeTheme(
      { colours: depthOf(theme, colours), hasUnicode: ascii === "auto" ? hasUnicode : ascii === "off" },
      {
        palette: this.#paletteOf(theme),
        isPainted: theme === "dark" || theme === "light" || theme === "high-contrast",
      },
    );
    this.#themes.set(key, made);
    return made;
  }

  #paletteOf(theme: ThemeName): Palette {
    switch (theme) {
      case "dark":
        return darkPalette;
      case "light":
        return lightPalette;
      case "high-contrast":
        return highContrastPalette;
      case "auto":
      case "16":
      case "mono":
        return this.#isLight ? lightPalette : darkPalette;
    }
  }
}

/** Where there is no colour, no theme brings any. */
function depthOf(theme: ThemeName, depth: ColourDepth): ColourDepth {
  if (theme === "mono" || depth === "none") return "none";
  return theme === "16" ? "16" : depth;
}

/** @param colours `COLORFGBG`, as rxvt and Konsole set it: `0;15`, `15;default;0`; the last is the background. */
export function isLightBackground(colours: string | undefined): boolean {
  const [, background] = /;(\d{1,2})$/.exec(colours ?? "") ?? [];
  // Of the 16 colours, white and grey, and the bright ones but for dark grey.
  return background !== undefined && (Number(background) === 7 || Number(background) > 8);
}
