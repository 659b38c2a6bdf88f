/** Runs `check --config FILE` as a user without rights: everything is imported as root, then the rights are given up. */
import { runCheck } from '../../src/commands/check.js'

process.setgroups?.([])
process.setgid?.(65534)
process.setuid?.(65534)
process.exitCode = await runCheck(process.argv[2], { json: false }, { out: line => process.stdout.write(`${line}\n`) })
