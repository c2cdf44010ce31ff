package dev.derp4j.bench.compare;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Two bars for each work, one per server, as SVG text.
///
/// @param title above the chart, with the unit
record BarChart(String title, String first, String second, List<Group> groups) {
  private static final int WIDTH = 620;
  private static final int LEFT = 96;
  private static final int RIGHT = 60;
  private static final int BAR = 15;
  private static final int GROUP = 44;

  record Group(String name, @Nullable Double a, @Nullable Double b) {}

  boolean isEmpty() {
    return groups.isEmpty();
  }

  String html() {
    double most = 0;
    for (Group group : groups) {
      most = Math.max(most, Math.max(value(group.a), value(group.b)));
    }
    StringBuilder out = new StringBuilder();
    out.append("<figure><figcaption>").append(HtmlPage.escape(title)).append("</figcaption>\n");
    out.append("<p class=\"legend\">").append(key("a", first)).append(key("b", second));
    out.append(
        "</p>\n<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(WIDTH, groups.size() * GROUP + 8, HtmlPage.escape(title)));
    for (int i = 0; i < groups.size(); i++) {
      Group group = groups.get(i);
      int top = 8 + i * GROUP;
      out.append(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n"
              .formatted(LEFT - 8, top + BAR + 5, HtmlPage.escape(group.name)));
      out.append(bar("a", group.a, most, top)).append(bar("b", group.b, most, top + BAR + 2));
    }
    return out.append("</svg></figure>\n").toString();
  }

  private static double value(@Nullable Double figure) {
    return figure == null ? 0 : figure;
  }

  private static String key(String style, String name) {
    return "<span class=\"key bar %s\"><svg viewBox=\"0 0 10 10\"><rect width=\"10\" height=\"10\"/></svg>%s</span> "
        .formatted(style, HtmlPage.escape(name));
  }

  private static String bar(String style, @Nullable Double figure, double most, int top) {
    if (figure == null || most == 0) {
      return "";
    }
    double length = figure / most * (WIDTH - LEFT - RIGHT);
    return String.format(
        Locale.ROOT,
        "<rect class=\"bar %s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>"
            + "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
        style,
        LEFT,
        top,
        Math.max(1, length),
        BAR,
        LEFT + length + 6,
        top + BAR - 3,
        Scale.text(figure));
  }
}
