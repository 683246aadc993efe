/** Completions for fish, with what each word means. Pure. */
import { firstWords, type ShellCommand, secondWords } from './words.ts';

export function fishCompletion(commands: readonly ShellCommand[]): string {
  const firsts = firstWords(commands);
  const pairs = commands.filter(({ words }) => words.length === 2);
  return `# Completions of nightshift for fish. nightshift completion fish > ~/.config/fish/completions/nightshift.fish
function __nightshift_at --description 'the command before the cursor is this one'
    set -l typed (commandline -opc)
    set -e typed[1]
    set -l pair (string join ' ' -- $typed[1..2])
    switch "$pair"
        case ${pairs.map(({ words }) => quoted(words.join(' '))).join(' ')}
            test "$pair" = "$argv[1]"
        case '*'
            test "$typed[1]" = "$argv[1]"
    end
end
function __nightshift_after --description 'only this word is there'
    set -l typed (commandline -opc)
    set -e typed[1]
    test (count $typed) -eq (count $argv); and test "$typed" = "$argv"
end
complete -c nightshift -f
${firsts.map((first) => suggestion('__nightshift_after', first)).join('\n')}
${firsts.flatMap(([first]) => secondWords(commands, first).map((word) => suggestion(`__nightshift_after ${first}`, word))).join('\n')}
${pairs.flatMap(({ words, choices }) => choices.map((choice) => suggestion(`__nightshift_after ${words.join(' ')}`, [choice, '']))).join('\n')}
${commands.flatMap(optionLines).join('\n')}
`;
}

function suggestion(condition: string, [word, summary]: readonly [string, string]): string {
  return `complete -c nightshift -n ${quoted(condition)} -a ${quoted(word)}${meaning(summary)}`;
}

function optionLines({ words, options }: ShellCommand): readonly string[] {
  return options.map(({ name, summary, takesValue, choices }) => {
    const values = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r -F' : '';
    const condition = quoted(`__nightshift_at ${quoted(words.join(' '))}`);
    return `complete -c nightshift -n ${condition} -l ${name}${values}${meaning(summary)}`;
  });
}

function meaning(summary: string): string {
  return summary === '' ? '' : ` -d ${quoted(summary)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
