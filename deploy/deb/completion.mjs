// Completion for bash: words only, so that no TAB starts the program.

const quote = words => `'${words.join(' ')}'`

/** @param commands of commands.mjs */
export function completion(commands) {
  const all = commands.flatMap(command => [command, ...command.below])
  const below = commands.filter(command => command.below.length > 0)
  const optionsOf = command => {
    const own = command.options.filter(each => !each.isArgument && each.name !== 'config').map(({ name }) => `--${name}`)
    return ['--config', ...own, '--help']
  }
  const chosen = all.flatMap(command =>
    command.options.filter(({ choices }) => choices !== undefined).map(({ name, choices }) => ({ command, name, choices })),
  )
  return `# bash completion of mailman-shipper; made by deploy/deb/completion.mjs
_mailman_shipper() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} words=
  case $command in
    ${below.map(({ name }) => name).join(' | ')}) [ "$COMP_CWORD" -gt 2 ] && command="$command \${COMP_WORDS[2]}" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${quote([...commands.map(({ name }) => name), '--help', '--version'])}
  else
    case "$command $before" in
${chosen.map(({ command, name, choices }) => `      '${command.name} --${name}') words=${quote(choices)} ;;`).join('\n')}
      *)
        case "$command" in
${below.map(command => `          '${command.name}') words=${quote(command.below.map(({ name }) => name.split(' ')[1]))} ;;`).join('\n')}
        esac
        if [ "\${current#-}" != "$current" ]; then
          case "$command" in
${all.map(command => `            '${command.name}') words=${quote(optionsOf(command))} ;;`).join('\n')}
          esac
        fi
        ;;
    esac
  fi
  # Without words, files.
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _mailman_shipper mailman-shipper
`
}
