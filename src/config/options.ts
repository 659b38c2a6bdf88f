/** The configuration as the rest of the program sees it: every default filled in, every path absolute. */
export interface Config {
  /** The file it came from, or undefined. */
  readonly file: string | undefined
  readonly host: { readonly name: string }
  readonly instance: string
  readonly logs: {
    /** Absolute. Where none is configured: the usual places of Mailman that exist. */
    readonly directories: readonly string[]
    /** Further file names in these directories that are logs, besides the catalogue's. */
    readonly names: readonly string[]
    readonly mailman: 'auto' | '2.1' | '3'
    /** IANA name. */
    readonly timezone: string
    readonly keepOriginal: boolean
  }
  readonly elasticsearch: ElasticsearchConfig | undefined
  readonly local: { readonly file: string; readonly keepDays: number }
  /** `-` is standard output. */
  readonly ndjson: { readonly file: string } | undefined
  readonly state: { readonly directory: string }
}

export interface ElasticsearchConfig {
  readonly nodes: readonly string[]
  readonly apiKeyFile: string | undefined
  readonly username: string | undefined
  readonly passwordFile: string | undefined
  readonly caFile: string | undefined
  readonly compression: 'gzip' | 'none'
  readonly namespace: string
}
