using System.Globalization;
using System.Security;
using System.Text;

namespace KgOrleans.Lab.Evaluate;

/// <summary>An evaluation on a history as an SVG picture: a bar for recall@10 of each method, with its interval.</summary>
internal static class HistoryPicture
{
    private const int Left = 150;
    private const int Top = 52;
    private const int BarWidth = 560;
    private const int BarHeight = 20;
    private const int Row = 30;
    private const int Width = Left + BarWidth + 110;
    private const double Tick = 0.05;

    // Of Okabe and Ito's palette, told apart with every kind of colour vision.
    private const string BaselineColour = "#999999";
    private const string PageColour = "#0072B2";

    /// <summary>Draws the methods, in their order.</summary>
    public static string Draw(string title, IReadOnlyList<HistoryMean> methods)
    {
        var height = Top + (methods.Count * Row) + 50;
        var scale = Math.Ceiling(Math.Max(Tick, methods.Max(m => m.High)) / Tick) * Tick;
        double X(double recall) => Left + (Math.Max(0, recall) / scale * BarWidth);
        var svg = new StringBuilder();
        void Add(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\" font-size=\"13\"");
        Add($" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\">");
        Add($"<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
        Add($"<text x=\"12\" y=\"26\" font-size=\"16\">{SecurityElement.Escape(title)}</text>");
        for (var tick = 0; tick * Tick < scale + (Tick / 2); tick++)
        {
            Add($"<line x1=\"{X(tick * Tick):0.#}\" y1=\"{Top - 6}\" x2=\"{X(tick * Tick):0.#}\" y2=\"{height - 42}\" stroke=\"#e0e0e0\"/>");
            Add($"<text x=\"{X(tick * Tick):0.#}\" y=\"{height - 26}\" text-anchor=\"middle\">{tick * Tick:0.00}</text>");
        }
        for (var m = 0; m < methods.Count; m++)
        {
            var (method, top) = (methods[m], Top + (m * Row));
            var middle = top + (BarHeight / 2);
            Add($"<text x=\"{Left - 8}\" y=\"{middle + 5}\" text-anchor=\"end\">{SecurityElement.Escape(method.Name)}</text>");
            var colour = method.IsBaseline ? BaselineColour : PageColour;
            Add($"<rect x=\"{Left}\" y=\"{top}\" width=\"{X(method.Recall10) - Left:0.#}\" height=\"{BarHeight}\" fill=\"{colour}\"/>");
            Add($"<line x1=\"{X(method.Low):0.#}\" y1=\"{middle}\" x2=\"{X(method.High):0.#}\" y2=\"{middle}\" stroke=\"#000000\" stroke-width=\"2\"/>");
            Add($"<text x=\"{X(method.High) + 8:0.#}\" y=\"{middle + 5}\">{method.Recall10:0.000}</text>");
        }
        Add($"<text x=\"{Left}\" y=\"{height - 8}\">recall@10 with its 95 % interval; grey: computed from the same history, blue: pages of the service</text>");
        return svg.Append("</svg>\n").ToString();
    }
}
