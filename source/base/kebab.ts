/** `moveWhenComplete` → `move-when-complete`: as names are written where people write them. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
