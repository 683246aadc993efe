/** Completions for bash, of 3.2 and later and without the bash-completion package. Pure. */
import { firstWords, type ShellCommand, secondWords } from './words.ts';

export function bashCompletion(commands: readonly ShellCommand[]): string {
  const firsts = firstWords(commands).map(([word]) => word);
  return `# Completions of nightshift for bash. In ~/.bashrc: source <(nightshift completion bash)
_nightshift() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local first="\${COMP_WORDS[1]}" second="" command="" words=""
  [ "$COMP_CWORD" -gt 2 ] && second="\${COMP_WORDS[2]}"
  # bash makes a word of the equals sign
  if [ "$cur" = "=" ]; then cur=""; elif [ "$prev" = "=" ]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${firsts.join(' ')}' -- "$cur"))
    return
  fi
  case "$first $second" in
${commands
  .filter(({ words }) => words.length === 2)
  .map(({ words }) => `    '${words.join(' ')}') command='${words.join(' ')}' ;;`)
  .join('\n')}
    *) command="$first" ;;
  esac
  case "$command $prev" in
${commands.flatMap(valueLines).join('\n')}
  esac
  case "$command" in
${commands.map(optionLine).join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 2 ]; then
    case "$first" in
${firsts.flatMap((first) => followLine(commands, first)).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _nightshift nightshift
`;
}

/** An option with choices offers them; one with any other value is left to the names of files. */
function valueLines({ words, options }: ShellCommand): readonly string[] {
  const command = words.join(' ');
  return options.flatMap(({ name, takesValue, choices }) => {
    if (!takesValue) return [];
    const found =
      choices.length === 0 ? 'COMPREPLY=()' : `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$cur"))`;
    return [`    '${command} --${name}') ${found}; return ;;`];
  });
}

function optionLine({ words, options, choices }: ShellCommand): string {
  const all = [...(words.length === 2 ? choices : []), ...options.map(({ name }) => `--${name}`)];
  return `    '${words.join(' ')}') words='${all.join(' ')}' ;;`;
}

function followLine(commands: readonly ShellCommand[], first: string): readonly string[] {
  const words = secondWords(commands, first).map(([word]) => word);
  return words.length === 0 ? [] : [`      '${first}') words="${words.join(' ')} $words" ;;`];
}
