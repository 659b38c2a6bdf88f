/** Mailman's programs: their process ids, starts, stops, and what `qrunner` and `error` say of them. */

const RUNNERS = ['Arch', 'Bounce', 'Command', 'Incoming', 'News', 'Outgoing', 'Virgin', 'Retry'].map(name => `${name}Runner`)
const CODE = '/usr/lib/mailman/Mailman'

/** @param put (at, log, pid, text, action): one record */
export function makePrograms(put, random) {
  let lastPid = 2000
  let master = 0
  let pids = new Map()
  const qrunner = (at, pid, text, action) => put(at, 'qrunner', pid, text, action)

  const programs = {
    pid: runner => pids.get(runner),
    /** A web page or a script: a process for each. */
    web: () => 20_000 + Math.floor(random() * 10_000),

    start(at) {
      lastPid += 1 + Math.floor(random() * 40)
      master = lastPid
      pids = new Map(RUNNERS.map(runner => [runner, ++lastPid]))
      for (const [runner, pid] of pids) qrunner(at, pid, `${runner} qrunner started.`, 'runner-started')
    },

    /** @param signal SIGTERM ends it, SIGINT starts the runners again */
    stop(at, signal = 'SIGTERM') {
      const [what, status] = signal === 'SIGTERM' ? ['Exiting', 15] : ['Restarting', 2]
      qrunner(at, master, `Master watcher caught ${signal}.  ${what}.`, 'master-signal')
      for (const [runner, pid] of pids) {
        qrunner(at, pid, `${runner} qrunner caught ${signal}.  Stopping.`, 'runner-signal')
        qrunner(at, pid, `${runner} qrunner exiting.`, 'runner-stopped')
      }
      for (const [runner, pid] of pids) {
        const text = `(pid: ${pid}, sig: None, sts: ${status}, class: ${runner}, slice: 1/1) `
        const [end, action] = signal === 'SIGTERM' ? ['', 'runner-exited'] : ['[restarting]', 'runner-restarted']
        qrunner(at, master, `Master qrunner detected subprocess exit\n${text}${end}`, action)
      }
      if (signal === 'SIGTERM') return
      for (const runner of RUNNERS) pids.set(runner, ++lastPid)
      for (const [runner, pid] of pids) qrunner(at + 1, pid, `${runner} qrunner started.`, 'runner-started')
    },

    /** After logrotate. */
    reopen(at) {
      qrunner(at, master, 'Master watcher caught SIGHUP.  Re-opening log files.', 'master-signal')
      for (const [runner, pid] of pids) qrunner(at, pid, `${runner} qrunner caught SIGHUP.  Reopening logs.`, 'runner-signal')
    },

    /** An exception in a runner, its traceback, and the message that is put aside: the assembler makes two events of them. */
    shunt(at, runner, error) {
      const pid = pids.get(runner)
      const frames = [
        `  File "${CODE}/Queue/Runner.py", line 119, in _oneloop`,
        '    self._onefile(msg, msgdata)',
        `  File "${CODE}/Queue/${runner}.py", line 130, in _dispose`,
        '    more = self._dopipeline(mlist, msg, msgdata, pipeline)',
      ].join('\n')
      put(at, 'error', pid, `Uncaught runner exception: ${error.replace(/^\w+: /, '')}`, 'error-raised')
      put(at, 'error', pid, `Traceback (most recent call last):\n${frames}\n${error}\n`, undefined)
      const sha = Array.from({ length: 5 }, () => `${Math.floor(1e8 + random() * 9e8)}`)
        .join('')
        .slice(0, 40)
      put(at, 'error', pid, `SHUNTING: ${at}.${Math.floor(random() * 1e6)}+${sha.padEnd(40, '0')}`, 'message-shunted')
    },
  }
  return programs
}
