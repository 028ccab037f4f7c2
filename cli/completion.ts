// Completion scripts for shells, made from commander's own tree: a command that is added is completed.
import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command as shells see it. `at`: the words before, each after a blank, so that the program itself is the empty text. */
type Node = {
  readonly at: string;
  readonly words: readonly { readonly word: string; readonly what: string }[];
  readonly flags: readonly { readonly flag: string; readonly takes: boolean; readonly what: string }[];
};

function nodesOf(command: Command, at = ''): Node[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const flags = help.visibleOptions(command).flatMap(({ long, required, optional, description }) => {
    return long ? [{ flag: long, takes: required || optional, what: description }] : [];
  });
  const words = [
    ...below.map((one) => ({ word: one.name(), what: one.description() })),
    ...choices.map((word) => ({ word, what: '' })),
  ];
  return [{ at, words, flags }, ...below.flatMap((one) => nodesOf(one, `${at} ${one.name()}`))];
}

export function completionFor(shell: Shell, app: Command): string {
  const nodes = nodesOf(app);
  const name = app.name();
  if (shell === 'fish') return fish(name, nodes);
  return shell === 'bash' ? bash(name, nodes) : zsh(name, nodes);
}

const list = (words: readonly string[]): string => `'${words.join(' ')}'`;

/** The same text for bash and zsh: what can stand at each place. `values`: flags that take one. */
function placesOf(name: string, nodes: readonly Node[]): string {
  const cases = nodes.map(({ at, words, flags }) => {
    const values = flags.filter(({ takes }) => takes).map(({ flag }) => flag);
    const told = [words.map(({ word }) => word), flags.map(({ flag }) => flag), values].map(list);
    return `    '${at}') commands=${told[0]} flags=${told[1]} values=${told[2]} ;;`;
  });
  return `_${name}_at() {\n  case "$1" in\n${cases.join('\n')}\n  esac\n}`;
}

/** What stands before the cursor; the value of a flag is no command. */
const WALK = `    if [[ -n $skip ]]; then skip=
    elif [[ " $values " == *" $word "* ]]; then skip=1
    elif [[ " $commands " == *" $word "* ]]; then at="$at $word"; NAME_at "$at"
    fi`;

const bash = (name: string, nodes: readonly Node[]): string => `# bash completion of ${name}: source this file
${placesOf(name, nodes)}
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at= commands= flags= values= skip= word i
  _${name}_at ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
${WALK.replace('NAME', `_${name}`)}
  done
  COMPREPLY=()
  # Nothing of ours fits: -o default completes names of files.
  if [[ -n $skip ]]; then return 0
  elif [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  else COMPREPLY=($(compgen -W "$commands" -- "$cur"))
  fi
}
complete -o default -F _${name} ${name}
`;

const zsh = (name: string, nodes: readonly Node[]): string => `#compdef ${name}
${placesOf(name, nodes)}
_${name}() {
  local at= commands= flags= values= skip= word i
  _${name}_at ''
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
${WALK.replace('NAME', `_${name}`)}
  done
  if [[ -n $skip ]]; then _files
  elif [[ $PREFIX == -* ]]; then compadd -- \${=flags}
  elif [[ -n $commands ]]; then compadd -- \${=commands}
  else _files
  fi
}
compdef _${name} ${name}
`;

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fish(name: string, nodes: readonly Node[]): string {
  const known = nodes.filter(({ at }) => at !== '').map(({ at }) => quoted(at));
  const lines = nodes.flatMap(({ at, words, flags }) => {
    const here = `complete -c ${name} -n ${quoted(`__${name}_at "${at}"`)}`;
    return [
      ...words.map(({ word, what }) => `${here} -f -a ${word} -d ${quoted(what)}`),
      ...flags.map(({ flag, takes, what }) => `${here} -l ${flag.slice(2)}${takes ? ' -r' : ''} -d ${quoted(what)}`),
    ];
  });
  return `# fish completion of ${name}
function __${name}_at
  set -l at ''
  for word in (commandline -opc)[2..]
    if contains -- "$at $word" ${known.join(' ')}
      set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}
