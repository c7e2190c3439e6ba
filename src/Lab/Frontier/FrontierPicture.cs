using System.Globalization;
using System.Text;

namespace KgOrleans.Lab.Frontier;

/// <summary>
/// A frontier as an SVG picture: NDCG@10 against how alike a page's items are, and against how many creators were shown enough. A line joins a policy's
/// strengths, from weak to strong.
/// </summary>
internal static class FrontierPicture
{
    private const int PanelWidth = 440;
    private const int PanelHeight = 330;
    private const int Left = 70;
    private const int Top = 56;
    private const int Gap = 90;
    private const int Width = Left + PanelWidth + Gap + PanelWidth + 30;
    private const int Height = Top + PanelHeight + 90;

    // Okabe and Ito's palette, told apart with every kind of colour vision; marks differ as well.
    private static readonly string[] Colours = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#CC79A7", "#0072B2"];

    /// <summary>Draws the points of a data set.</summary>
    public static string Draw(string title, IReadOnlyList<FrontierPoint> points)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" "
            + $"height=\"{Height}\" font-family=\"sans-serif\" font-size=\"13\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"26\" font-size=\"17\">{Escape(title)}</text>\n");
        var families = points.Select(p => p.Policy).Distinct().ToArray();
        Panel(svg, Left, points, families, "items of a page alike, mean cosine (left is more diverse)", p => p.Similarity.Value);
        Panel(
            svg, Left + PanelWidth + Gap, points, families, $"creators with at least {FrontierExposure.Enough} impressions (right is fairer)",
            p => p.Creators.Value);
        for (var f = 0; f < families.Length; f++)
        {
            var x = Left + (f * 140);
            Mark(svg, f, x, Height - 20);
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 10}\" y=\"{Height - 15}\">{Escape(families[f])}</text>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(StringBuilder svg, int left, IReadOnlyList<FrontierPoint> points, string[] families, string label, Func<FrontierPoint, double> x)
    {
        var (horizontal, vertical) = (FrontierAxis.Of(points.Select(x)), FrontierAxis.Of(points.Select(p => p.Ndcg.Value)));
        double X(double value) => left + (horizontal.Share(value) * PanelWidth);
        double Y(double value) => Top + ((1 - vertical.Share(value)) * PanelHeight);
        foreach (var tick in vertical.Ticks)
        {
            Line(svg, left, Y(tick), left + PanelWidth, Y(tick), "#e0e0e0");
            Text(svg, left - 8, Y(tick) + 4, "end", vertical.Text(tick));
        }
        foreach (var tick in horizontal.Ticks)
        {
            Line(svg, X(tick), Top, X(tick), Top + PanelHeight, "#e0e0e0");
            Text(svg, X(tick), Top + PanelHeight + 18, "middle", horizontal.Text(tick));
        }
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{left}\" y=\"{Top}\" width=\"{PanelWidth}\" height=\"{PanelHeight}\" fill=\"none\" "
            + $"stroke=\"#606060\"/>\n");
        Text(svg, left + (PanelWidth / 2), Top + PanelHeight + 40, "middle", label);
        Text(svg, left, Top - 8, "middle", "NDCG@10");
        for (var f = 0; f < families.Length; f++)
        {
            var line = points.Where(p => p.Policy == families[f]).ToArray();
            var path = string.Join(' ', line.Prepend(points[0]).Select(p => FormattableString.Invariant($"{X(x(p)):0.0},{Y(p.Ndcg.Value):0.0}")));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{Colours[f % Colours.Length]}\" stroke-width=\"1.5\" stroke-opacity=\"0.7\"/>\n");
            foreach (var p in line)
                Mark(svg, f, X(x(p)), Y(p.Ndcg.Value));
        }
    }

    private static void Mark(StringBuilder svg, int family, double x, double y)
    {
        var colour = Colours[family % Colours.Length];
        svg.Append(CultureInfo.InvariantCulture, $"<path fill=\"{colour}\" d=\"");
        _ = (family % 4) switch
        {
            0 => svg.Append(CultureInfo.InvariantCulture, $"M{x - 4:0.0} {y - 4:0.0}h8v8h-8z"),
            1 => svg.Append(CultureInfo.InvariantCulture, $"M{x:0.0} {y - 5:0.0}l5 9h-10z"),
            2 => svg.Append(CultureInfo.InvariantCulture, $"M{x:0.0} {y - 5:0.0}l5 5l-5 5l-5 -5z"),
            _ => svg.Append(CultureInfo.InvariantCulture, $"M{x - 4.5:0.0} {y:0.0}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z"),
        };
        svg.Append("\"/>\n");
    }

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string colour) =>
        svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x1:0.0}\" y1=\"{y1:0.0}\" x2=\"{x2:0.0}\" y2=\"{y2:0.0}\" stroke=\"{colour}\"/>\n");

    private static void Text(StringBuilder svg, double x, double y, string anchor, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.0}\" y=\"{y:0.0}\" text-anchor=\"{anchor}\">{Escape(text)}</text>\n");

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text);
}

/// <summary>An axis with round ticks around some values.</summary>
/// <param name="Low">Least value shown.</param>
/// <param name="High">Greatest.</param>
/// <param name="Step">Distance of ticks.</param>
internal sealed record FrontierAxis(double Low, double High, double Step)
{
    private const int Ticked = 5;

    /// <summary>The ticks.</summary>
    public IEnumerable<double> Ticks
    {
        get
        {
            for (var i = 0; Low + (i * Step) <= High + (Step / 2); i++)
                yield return Low + (i * Step);
        }
    }

    /// <summary>The axis of some values: from a tick at or below the least to one at or above the greatest.</summary>
    public static FrontierAxis Of(IEnumerable<double> values)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        var raw = Math.Max((high - low) / Ticked, 1e-6);
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = (raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
        var first = Math.Floor(low / step) * step;
        return new FrontierAxis(first, Math.Max(Math.Ceiling(high / step) * step, first + step), step);
    }

    /// <summary>Where a value lies, 0..1.</summary>
    public double Share(double value) => (value - Low) / (High - Low);

    /// <summary>A tick as text.</summary>
    public string Text(double tick) => Math.Round(tick, 9).ToString(Step >= 1 ? "0" : "0.####", CultureInfo.InvariantCulture);
}
