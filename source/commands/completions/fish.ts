/** For fish: a file of its completions directory, or piped into `source`. */
import type { CompletedCommand, CompletedOption, CompletedProgram, Completes } from "./model.ts";
import { namesCommand, nextWords } from "./model.ts";

export function fishCompletions(program: CompletedProgram): string {
  const groups = program.groups.map(({ name }) => name);
  const first = nextWords(program).map(([word]) => word);
  return `# fish completion of p2p-tui, made by \`p2p-tui completions fish\`
# The command so far: nothing, \`get\`, \`ctl\`, \`ctl list\`; \`-\` where the first word is none.
function __p2p_tui_command
    set -l words (commandline -opc)[2..-1]
    if not set -q words[1]
        echo start
    else if contains -- $words[1] ${groups.join(" ")}
        if set -q words[2]
            echo $words[1] $words[2]
        else
            echo $words[1]
        end
    else if contains -- $words[1] ${first.join(" ")}
        echo $words[1]
    else
        echo -
    end
end
function __p2p_tui_in
    contains -- (__p2p_tui_command) $argv
end
complete -c p2p-tui -f
${[
  ...wordLines("start", nextWords(program)),
  ...groups.flatMap((name) => wordLines(name, nextWords(program, name))),
  ...program.commands.flatMap(commandLines),
].join("\n")}
`;
}

function wordLines(at: string, words: readonly (readonly [string, string])[]): readonly string[] {
  return words.map(([word, summary]) => `${condition([at])} -a ${word} -d ${quoted(summary)}`);
}

function commandLines({ words, options, arguments: takes }: CompletedCommand): readonly string[] {
  const at = condition(words.length === 0 ? ["start", "-"] : [words.join(" ")]);
  const lines = options.map((option) => `${at} ${optionText(option)}`);
  const values = valueText(takes);
  return values === "" ? lines : [...lines, `${at} ${values}`];
}

function condition(commands: readonly string[]): string {
  return `complete -c p2p-tui -n ${quoted(`__p2p_tui_in ${commands.map((command) => `"${command}"`).join(" ")}`)}`;
}

function optionText({ names, help, value }: CompletedOption): string {
  const spelt = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const takes = value === undefined ? "" : ` -r ${valueText(value)}`.trimEnd();
  return `${spelt.join(" ")}${takes} -d ${quoted(help)}`;
}

function valueText(completes: Completes): string {
  switch (completes.kind) {
    case "files":
      return "-F";
    case "directories":
      return "-f -a '(__fish_complete_directories)'";
    case "torrent-files":
      return "-f -a '(__fish_complete_suffix .torrent)'";
    case "torrents":
      return `-f -a ${quoted(`${completes.words.join(" ")} (p2p-tui ${namesCommand} 2>/dev/null)`.trim())}`;
    case "words":
      return `-f -a ${quoted(completes.words.join(" "))}`;
    case "unknown":
      return "";
  }
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
