/**
 * For bash, from 3.2 on (macOS). Needs nothing else: the bash-completion package is not everywhere. `--dir=x` comes
 * as three words there, because `=` separates words while completing.
 */
import type { CompletedCommand, CompletedProgram, Completes } from "./model.ts";
import { namesCommand, nextWords } from "./model.ts";

export function bashCompletions(program: CompletedProgram): string {
  const [own, ...others] = program.commands;
  const groups = program.groups.map(({ name }) => name);
  // What p2p-tui does by itself comes last: whatever is no command is its argument.
  const cases = [...others, ...(own === undefined ? [] : [own])].map(commandCase);
  const groupCases = groups.map((name) => `            ${name}) _p2p_tui_words '${wordsOf(program, name)}' ;;`);
  return `# bash completion of p2p-tui, made by \`p2p-tui completions bash\`
_p2p_tui_words() {
  local IFS=$' \\t\\n'
  COMPREPLY+=($(compgen -W "$1" -- "$current"))
}
_p2p_tui_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$@" -- "$current")
}
_p2p_tui_torrents() {
  local name
  while IFS= read -r name; do
    [[ $name == "$current"* ]] && COMPREPLY+=("$(printf %q "$name")")
  done < <("\${COMP_WORDS[0]}" ${namesCommand} 2>/dev/null)
}
_p2p_tui_kind() {
  case $1 in
    files) _p2p_tui_paths -f ;;
    directories) _p2p_tui_paths -d ;;
    torrent-files) _p2p_tui_paths -d; _p2p_tui_paths -f -X '!*.torrent' ;;
    words) _p2p_tui_words "$2" ;;
    torrents) _p2p_tui_words "$2"; _p2p_tui_torrents ;;
  esac
}
_p2p_tui() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous="" command="" options="" value="" words="" argument=""
  COMPREPLY=()
  ((COMP_CWORD > 1)) && previous=\${COMP_WORDS[COMP_CWORD - 1]}
  if [[ $current == "=" ]]; then
    current=""
  elif [[ $previous == "=" ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD > 1)); then
    command=\${COMP_WORDS[1]}
    case $command in
      ${groups.join("|")})
        if ((COMP_CWORD == 2)); then
          case $command in
${groupCases.join("\n")}
          esac
          return
        fi
        command="$command \${COMP_WORDS[2]}"
        ;;
      -*) command="" ;;
    esac
  fi
  case $command in
${cases.join("\n")}
  esac
  if [[ -n $value ]]; then
    _p2p_tui_kind "$value" "$words"
  elif [[ $current == -* ]]; then
    _p2p_tui_words "$options"
  else
    ((COMP_CWORD == 1)) && _p2p_tui_words '${wordsOf(program)}'
    _p2p_tui_kind "$argument" "$words"
  fi
}
complete -F _p2p_tui p2p-tui
`;
}

function wordsOf(program: CompletedProgram, group?: string): string {
  return nextWords(program, group)
    .map(([word]) => word)
    .join(" ");
}

function commandCase({ words, options, arguments: takes }: CompletedCommand): string {
  const own = words.length === 0 ? "*" : `'${words.join(" ")}'`;
  const values = options
    .filter(({ value }) => value !== undefined)
    .map(({ names, value }) => `        ${names.join("|")}) ${assign("value", value ?? { kind: "unknown" })} ;;`);
  return [
    `    ${own})`,
    `      options='${options.flatMap(({ names }) => names).join(" ")}'`,
    `      ${assign("argument", takes)}`,
    ...(values.length === 0 ? [] : ["      case $previous in", ...values, "      esac"]),
    "      ;;",
  ].join("\n");
}

function assign(variable: string, completes: Completes): string {
  if (!("words" in completes)) return `${variable}=${completes.kind}`;
  return `${variable}=${completes.kind} words='${completes.words.join(" ")}'`;
}
