/** A tab of a browser under test, as far as the tests for every engine need one. */
export interface TestPage {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  close(): Promise<void>;
  /** Calls a function in the page; it sees no name of the file that it stands in. */
  evaluate<Result, Given>(work: (given: Given) => Result, given: Given): Promise<Awaited<Result>>;
  /** As the user would by the file dialog. */
  setInputFiles(selector: string, path: string): Promise<void>;
}

/** A browser of a test file's own, with one profile that outlives its processes. */
export interface TestBrowser<Page extends TestPage = TestPage> {
  /** For the tests' files; deleted with the browser. */
  readonly folder: string;
  /** Opens a tab, in the one browser that runs; started if there is none. */
  newPage(): Promise<Page>;
  /** The tabs that are open; none if no browser runs. */
  pages(): readonly Page[];
  /** Ends the browser as a crash or a power cut would. The next one has the same profile. */
  kill(): Promise<void>;
  close(): Promise<void>;
}
