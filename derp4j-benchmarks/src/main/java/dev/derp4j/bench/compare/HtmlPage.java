package dev.derp4j.bench.compare;

import java.util.List;
import java.util.stream.Collectors;

/// A comparison as one page that needs nothing from elsewhere: tables and pictures.
final class HtmlPage {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ground: #fff; --ink: #1c2230; --soft: #667085;
        --rule: #dfe3ea; --band: #f5f7fa; --a: #2f6fde; --b: #d9580d; --good: #17803d;
        --bad: #c0262d; }
      @media (prefers-color-scheme: dark) {
        :root { --ground: #14171d; --ink: #e6e9ef; --soft: #98a2b3; --rule: #2c323d;
          --band: #1b2028; --a: #7aa8ff; --b: #ff9c5b; --good: #5fd38a; --bad: #ff7b7b; } }
      * { box-sizing: border-box; }
      body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 84rem; color: var(--ink);
        background: var(--ground); font: 15px/1.5 system-ui, sans-serif; }
      h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
      p, li { max-width: 60rem; } .soft { color: var(--soft); }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
      th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--rule);
        vertical-align: top; }
      th { font-weight: 600; } td.figure, th.figure { text-align: right; white-space: nowrap; }
      tr.first td { border-top: 2px solid var(--rule); }
      .met { color: var(--good); } .missed { color: var(--bad); font-weight: 600; }
      .plots { display: grid; gap: 1.25rem; margin-top: 1.5rem;
        grid-template-columns: repeat(auto-fill, minmax(min(32rem, 100%), 1fr)); }
      figure { margin: 0; padding: 1rem; background: var(--band); border-radius: .5rem; }
      figcaption { font-weight: 600; }
      .legend { margin: .25rem 0 .5rem; color: var(--soft); font-size: .87rem; }
      .key { margin-right: 1rem; white-space: nowrap; }
      .key svg { width: 1.6rem; height: .6rem; margin-right: .4rem; }
      .key.bar svg { width: .65rem; height: .65rem; }
      .chart { display: block; width: 100%; height: auto; }
      .chart text { fill: var(--soft); font-size: 12px; }
      .grid { stroke: var(--rule); fill: none; }
      .line path, .key path { fill: none; stroke-width: 2; }
      .a path { stroke: var(--a); } .b path { stroke: var(--b); }
      .ideal path { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 4; }
      .dashed path { stroke-dasharray: 6 4; }
      .a circle, rect.a, .a rect { fill: var(--a); } .b circle, rect.b, .b rect { fill: var(--b); }
      .ideal circle { display: none; }
      """;

  private HtmlPage() {}

  static String of(Results results, List<Table.WithRuns> tables) {
    Comparison any = results.tables().getFirst().comparison();
    String title = any.second() + " beside " + any.first();
    StringBuilder out = new StringBuilder();
    out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.append("<title>").append(escape(title)).append("</title>\n<style>\n").append(STYLE);
    out.append("</style></head><body>\n<h1>").append(escape(title)).append("</h1>\n");
    out.append("<p class=\"soft\">Two DERP servers, the same work, in turn.</p>\n<table>\n");
    results
        .circumstances()
        .forEach(
            (key, value) ->
                out.append("<tr><th>")
                    .append(escape(key))
                    .append("</th><td>")
                    .append(escape(value))
                    .append("</td></tr>\n"));
    out.append("</table>\n");
    goals(out, Goals.judge(results.tables()));
    for (Table.WithRuns table : tables) {
      Comparison comparison = table.table().comparison();
      out.append("<h2>").append(escape(table.table().title())).append("</h2>\n");
      remarks(out, comparison);
      out.append("<div class=\"plots\">\n").append(new Plots(comparison, table.runs()).html());
      out.append("</div>\n");
      rows(out, comparison);
    }
    return out.append("</body></html>\n").toString();
  }

  private static void goals(StringBuilder out, List<Goals.Verdict> verdicts) {
    if (verdicts.isEmpty()) {
      return;
    }
    out.append("<h2>Goals</h2>\n<div class=\"wide\"><table><tr><th>goal</th>");
    out.append("<th class=\"figure\">measured</th><th></th></tr>\n");
    for (Goals.Verdict verdict : verdicts) {
      out.append("<tr><td>").append(escape(verdict.goal())).append("</td><td class=\"figure\">");
      out.append(Goals.number(verdict.found())).append("</td><td class=\"");
      out.append(verdict.met() ? "met\">met" : "missed\">missed").append("</td></tr>\n");
    }
    out.append("</table></div>\n");
  }

  private static void remarks(StringBuilder out, Comparison comparison) {
    if (!comparison.remarks().isEmpty()) {
      out.append("<details><summary>")
          .append(comparison.remarks().size())
          .append(" remarks to read before believing a figure</summary><ul>\n");
      comparison
          .remarks()
          .forEach(remark -> out.append("<li>").append(escape(remark)).append("</li>\n"));
      out.append("</ul></details>\n");
    }
  }

  private static void rows(StringBuilder out, Comparison comparison) {
    out.append("<h3>Figures</h3>\n<p class=\"soft\">Median (smallest…largest) of the rounds;");
    out.append(" ratio of the medians (of the paired rounds).</p>\n");
    out.append("<div class=\"wide\"><table><tr><th>work</th><th>figure</th>");
    for (String name : List.of(comparison.first(), comparison.second(), "ratio")) {
      out.append("<th class=\"figure\">").append(escape(name)).append("</th>");
    }
    out.append("</tr>\n");
    String before = "";
    for (Comparison.Row row : comparison.rows()) {
      boolean same = row.work().equals(before);
      before = row.work();
      out.append(same ? "<tr><td></td><td>" : "<tr class=\"first\"><td>" + escape(row.work()))
          .append(same ? "" : "</td><td>")
          .append(escape(row.metric()))
          .append("</td>");
      out.append(
          List.of(
                  ComparisonPrinter.spread(row.a()),
                  ComparisonPrinter.spread(row.b()),
                  ComparisonPrinter.ratio(row.ratio(), row.pairedRatios()))
              .stream()
              .map(text -> "<td class=\"figure\">" + escape(text) + "</td>")
              .collect(Collectors.joining()));
      out.append("</tr>\n");
    }
    out.append("</table></div>\n");
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
