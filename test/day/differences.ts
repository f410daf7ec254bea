/** What was expected and is not there, what is there twice, and all that differs otherwise. */
export class Differences {
  readonly list: string[] = [];
  missing = 0;
  twice = 0;

  lacks(what: string): void {
    this.missing++;
    this.list.push(`missing: ${what}`);
  }

  repeats(what: string): void {
    this.twice++;
    this.list.push(`twice: ${what}`);
  }

  differs(what: string): void {
    this.list.push(what);
  }
}
