package dev.derp4j.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A line chart as SVG text. Colours are classes, so that the page's style decides about them.
///
/// @param title above the chart
/// @param x the horizontal axis
/// @param y the vertical axis
/// @param lines what is drawn; lines without points are left out
record Chart(String title, Axis x, Axis y, List<Line> lines) {
  private static final int WIDTH = 620;
  private static final int HEIGHT = 340;
  private static final int LEFT = 74;
  private static final int RIGHT = 16;
  private static final int TOP = 16;
  private static final int BOTTOM = 52;

  /// @param label what the numbers are
  /// @param logarithmic whether each decade gets the same space; numbers must be above 0 then
  /// @param names what to write at 0, 1, 2 … in place of numbers; empty for numbers
  record Axis(String label, boolean logarithmic, List<String> names) {
    static Axis linear(String label) {
      return new Axis(label, false, List.of());
    }

    static Axis logarithmic(String label) {
      return new Axis(label, true, List.of());
    }

    static Axis named(String label, List<String> names) {
      return new Axis(label, false, names);
    }
  }

  record Point(double x, double y) {}

  /// @param style CSS classes: `a` or `b` for the server, `dashed` for what is secondary
  record Line(String name, String style, List<Point> points) {}

  Chart {
    lines = lines.stream().filter(line -> !line.points.isEmpty()).toList();
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  /// The chart with its title and legend.
  String html() {
    StringBuilder out = new StringBuilder();
    out.append("<figure><figcaption>").append(HtmlPage.escape(title)).append("</figcaption>\n");
    out.append("<p class=\"legend\">");
    for (Line line : lines) {
      out.append("<span class=\"key ")
          .append(line.style)
          .append("\"><svg viewBox=\"0 0 26 8\"><path d=\"M1 4H25\"/></svg>")
          .append(HtmlPage.escape(line.name))
          .append("</span> ");
    }
    out.append("</p>\n").append(svg()).append("</figure>\n");
    return out.toString();
  }

  private String svg() {
    Scale across = scale(x, true, LEFT, WIDTH - RIGHT);
    Scale up = scale(y, false, HEIGHT - BOTTOM, TOP);
    StringBuilder out = new StringBuilder();
    out.append(
        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(WIDTH, HEIGHT, HtmlPage.escape(title)));
    for (double tick : up.ticks) {
      double at = up.at(tick);
      out.append(path("grid", "M%s %sH%s", LEFT, at, WIDTH - RIGHT));
      out.append(text("end", LEFT - 8.0, at + 4, up.name(tick, y)));
    }
    for (double tick : across.ticks) {
      double at = across.at(tick);
      out.append(path("grid", "M%s %sV%s", at, TOP, HEIGHT - BOTTOM));
      out.append(text("middle", at, HEIGHT - BOTTOM + 18.0, across.name(tick, x)));
    }
    out.append(text("middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10.0, x.label));
    out.append(
        "<text transform=\"translate(14 %s) rotate(-90)\" text-anchor=\"middle\">%s</text>\n"
            .formatted(number((TOP + HEIGHT - BOTTOM) / 2.0), HtmlPage.escape(y.label)));
    for (Line line : lines) {
      out.append(drawn(line, across, up));
    }
    return out.append("</svg>\n").toString();
  }

  private String drawn(Line line, Scale across, Scale up) {
    StringBuilder way = new StringBuilder();
    StringBuilder marks = new StringBuilder();
    for (Point point : line.points) {
      String px = number(across.at(point.x));
      String py = number(up.at(point.y));
      way.append(way.isEmpty() ? "M" : "L").append(px).append(' ').append(py);
      marks.append(
          "<circle cx=\"%s\" cy=\"%s\" r=\"3\"><title>%s: %s, %s</title></circle>\n"
              .formatted(
                  px,
                  py,
                  HtmlPage.escape(line.name),
                  across.name(point.x, x),
                  Scale.text(point.y)));
    }
    return "<g class=\"line %s\"><path d=\"%s\"/>\n%s</g>\n".formatted(line.style, way, marks);
  }

  private Scale scale(Axis axis, boolean horizontal, double from, double to) {
    List<Double> values = new ArrayList<>();
    for (Line line : lines) {
      for (Point point : line.points) {
        values.add(horizontal ? point.x : point.y);
      }
    }
    return axis.names.isEmpty()
        ? Scale.of(values, axis.logarithmic, from, to)
        : Scale.ofNames(axis.names.size(), from, to);
  }

  private static String path(String style, String form, double a, double b, double c) {
    return "<path class=\"%s\" d=\"%s\"/>\n"
        .formatted(style, form.formatted(number(a), number(b), number(c)));
  }

  private static String text(String anchor, double x, double y, String text) {
    return "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
        .formatted(number(x), number(y), anchor, HtmlPage.escape(text));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
