/** What the terminal can show, read from the environment it was started with. Never asks the terminal itself. */
export type ColourDepth = "none" | "16" | "256" | "true";

export interface Capabilities {
  readonly colours: ColourDepth;
  /** False: only ASCII is drawn. */
  readonly hasUnicode: boolean;
}

/** The variables that are read; `process.env` is one. */
export interface Environment {
  readonly TERM?: string | undefined;
  readonly COLORTERM?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly COLORFGBG?: string | undefined;
  readonly FORCE_COLOR?: string | undefined;
  readonly WT_SESSION?: string | undefined;
  readonly LC_ALL?: string | undefined;
  readonly LC_CTYPE?: string | undefined;
  readonly LANG?: string | undefined;
  readonly TERM_PROGRAM?: string | undefined;
  readonly LC_TERMINAL?: string | undefined;
  readonly KITTY_WINDOW_ID?: string | undefined;
  readonly KONSOLE_VERSION?: string | undefined;
  readonly WEZTERM_PANE?: string | undefined;
  readonly TMUX?: string | undefined;
  readonly STY?: string | undefined;
}

/** @param env as in `process.env`. `NO_COLOR` (no-color.org) wins over everything, then `FORCE_COLOR`, COLORTERM, TERM. */
export function detectCapabilities(env: Environment, platform = "linux"): Capabilities {
  return { colours: detectColours(env, platform), hasUnicode: detectUnicode(env, platform) };
}

function detectColours(env: Environment, platform: string): ColourDepth {
  const term = env.TERM ?? "";
  if ((env.NO_COLOR ?? "") !== "") return "none";
  switch (env.FORCE_COLOR) {
    case "0":
      return "none";
    case "1":
      return "16";
    case "2":
      return "256";
    case "3":
      return "true";
    default:
  }
  if (term === "dumb" || /-m(ono)?$/.test(term)) return "none";
  if (/^(truecolor|24bit)$/i.test(env.COLORTERM ?? "")) return "true";
  if (/direct|kitty|ghostty|alacritty|wezterm/.test(term) || env.WT_SESSION !== undefined) return "true";
  if (/256/.test(term)) return "256";
  if (platform === "win32") return "true";
  return "16";
}

function detectUnicode(env: Environment, platform: string): boolean {
  if (env.TERM === "linux" || env.TERM === "dumb") return false;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== "");
  if (locale === undefined) return platform === "win32" || platform === "darwin";
  return /utf-?8/i.test(locale);
}

/** Whether clicks are wanted where the user leaves it open: where the terminal is known to report them. */
export function detectMouse(env: Environment, platform = "linux"): boolean {
  // The console of Windows does not hand such reports to a program that reads keys.
  if (platform === "win32") return false;
  return /^(?:xterm|screen|tmux|rxvt|alacritty|foot|kitty|wezterm|ghostty|konsole|st|contour|iterm)/.test(
    env.TERM ?? "",
  );
}
