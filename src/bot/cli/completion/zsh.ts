/** Completions for zsh, with what each word means. Pure. */
import { firstWords, type ShellCommand, secondWords } from './words.ts';

export function zshCompletion(commands: readonly ShellCommand[]): string {
  const firsts = firstWords(commands);
  return `#compdef nightshift
# Completions of nightshift for zsh. As a file _nightshift in a folder of $fpath, or in ~/.zshrc after compinit:
# source <(nightshift completion zsh)
_nightshift() {
  local command found=1
  local -a follow opts vals
  if (( CURRENT == 2 )); then
    follow=(${firsts.map(described).join(' ')})
    _describe 'command' follow
    return
  fi
  command="$words[2]"
  (( CURRENT > 3 )) && case "$words[2] $words[3]" in
    ${commands
      .filter(({ words }) => words.length === 2)
      .map(({ words }) => quoted(words.join(' ')))
      .join('|')}) command="$words[2] $words[3]" ;;
  esac
  case "$command $words[CURRENT-1]" in
${commands.flatMap(valueLines).join('\n')}
  esac
  case "$command" in
${commands.map(optionLine).join('\n')}
  esac
  (( CURRENT == 3 )) && case "$words[2]" in
${firsts.flatMap(([first]) => followLine(commands, first)).join('\n')}
  esac
  (( $#follow )) && _describe 'word' follow && found=0
  (( $#opts )) && _describe -o 'option' opts && found=0
  return found
}
if [ "$funcstack[1]" = "_nightshift" ]; then _nightshift "$@"; else compdef _nightshift nightshift; fi
`;
}

function valueLines({ words, options }: ShellCommand): readonly string[] {
  return options.flatMap(({ name, takesValue, choices }) => {
    if (!takesValue) return [];
    const found =
      choices.length === 0 ? '_files' : `vals=(${choices.map(quoted).join(' ')}); compadd -a vals`;
    return [`    ${quoted(`${words.join(' ')} --${name}`)}) ${found}; return ;;`];
  });
}

function optionLine({ words, options, choices }: ShellCommand): string {
  const opts = options.map(({ name, summary }) => described([`--${name}`, summary])).join(' ');
  const follow =
    words.length === 2 && choices.length > 0 ? `follow=(${choices.map(quoted).join(' ')}); ` : '';
  return `    ${quoted(words.join(' '))}) ${follow}opts=(${opts}) ;;`;
}

function followLine(commands: readonly ShellCommand[], first: string): readonly string[] {
  const words = secondWords(commands, first);
  return words.length === 0 ? [] : [`    ${quoted(first)}) follow=(${words.map(described).join(' ')}) ;;`];
}

/** `_describe` parts word and meaning at the first colon that has no backslash. */
function described([word, summary]: readonly [string, string]): string {
  const plain = word.replaceAll(':', '\\:');
  return quoted(summary === '' ? plain : `${plain}:${summary}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
