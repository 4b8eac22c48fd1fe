/** For zsh's own completion system, as a file of `$fpath` or through `eval`. */
import type { CompletedCommand, CompletedOption, CompletedProgram, Completes } from "./model.ts";
import { namesCommand, nextWords } from "./model.ts";

export function zshCompletions(program: CompletedProgram): string {
  const [own, ...others] = program.commands;
  const groups = program.groups.map(({ name }) => name);
  const single = others.filter(({ words }) => words.length === 1).map(({ words }) => words[0] ?? "");
  const members = groups.map((name) => `        (${name}) members=(${described(program, name)}) ;;`);
  return `#compdef p2p-tui
# zsh completion of p2p-tui, made by \`p2p-tui completions zsh\`
_p2p-tui-torrents() {
  # What _arguments passes on are options of compadd; ours are words.
  local -a names
  names=(\${(f)"$(_call_program torrents p2p-tui ${namesCommand} 2>/dev/null)"} \${@:#-*})
  compadd -a names
}
_p2p-tui() {
  local command=$words[2]
  local -a members
  if (( CURRENT == 2 )); then
    if [[ $PREFIX != -* ]]; then
      members=(${described(program)})
      _describe -t commands command members
    fi
    command=''
  else
    case $command in
      (${groups.join("|")})
        if (( CURRENT == 3 )); then
          case $command in
${members.map((line) => `    ${line}`).join("\n")}
          esac
          _describe -t commands command members
          return
        fi
        command="$words[2] $words[3]"
        words=($words[1] $words[4,-1])
        (( CURRENT -= 2 ))
        ;;
      (${single.join("|")})
        words=($words[1] $words[3,-1])
        (( CURRENT -= 1 ))
        ;;
    esac
  fi
  case $command in
${[...others, ...(own === undefined ? [] : [own])].map(commandCase).join("\n")}
  esac
}
if [[ $funcstack[1] == _p2p-tui ]]; then
  _p2p-tui "$@"
else
  compdef _p2p-tui p2p-tui
fi
`;
}

function described(program: CompletedProgram, group?: string): string {
  return nextWords(program, group)
    .map(([word, summary]) => quoted(`${word}:${summary.replaceAll(":", "\\:")}`))
    .join(" ");
}

function commandCase({ words, options, arguments: takes }: CompletedCommand): string {
  const specs = [...options.flatMap(optionSpecs), `*:${takes.kind === "words" ? "" : "argument"}:${action(takes)}`];
  return [
    `    (${words.length === 0 ? "*" : quoted(words.join(" "))})`,
    `      _arguments -s -S \\\n        ${specs.map(quoted).join(" \\\n        ")}`,
    "      ;;",
  ].join("\n");
}

/** One for each spelling; the other spellings are offered no more once it was given. */
function optionSpecs({ names, isList, help, value, placeholder }: CompletedOption): readonly string[] {
  const text = `[${help.replace(/[\\[\]]/g, "\\$&")}]`;
  return names.map((name) => {
    const before = isList ? "*" : names.length > 1 ? `(${names.join(" ")})` : "";
    if (value === undefined) return `${before}${name}${text}`;
    // A long one may have its value behind `=`, too.
    const after = name.startsWith("--") ? "=" : "+";
    return `${before}${name}${after}${text}:${placeholder.replaceAll(":", "\\:")}:${action(value)}`;
  });
}

function action(completes: Completes): string {
  switch (completes.kind) {
    case "files":
      return "_files";
    case "directories":
      return "_files -/";
    case "torrent-files":
      return '_files -g "*.torrent(-.)"';
    case "torrents":
      return `_p2p-tui-torrents${completes.words.map((word) => ` ${word}`).join("")}`;
    case "words":
      return `(${completes.words.join(" ")})`;
    case "unknown":
      return " ";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
