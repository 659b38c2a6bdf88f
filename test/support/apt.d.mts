/** Installs packages; no daemon of theirs is started. @param what needs them: the beginning of a sentence  @throws with what to type */
export function needPackages(what: string, ...packages: string[]): void
