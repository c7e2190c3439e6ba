using System.CommandLine;
using Spectre.Console;

namespace KgOrleans.CommandLine;

/// <summary>Where a command writes: results to standard output, progress and errors to standard error.</summary>
public sealed class Terminal
{
    // A pipe has no width; wide enough that no table of this program wraps.
    private const int PipeWidth = 160;

    private readonly TextWriter _output;

    /// <summary>Consoles over two writers; a writer that is the process's own keeps colours and width of the terminal.</summary>
    public Terminal(TextWriter output, TextWriter error)
    {
        _output = output;
        Out = Open(output, output == Console.Out, Console.IsOutputRedirected);
        Error = Open(error, error == Console.Error, Console.IsErrorRedirected);
    }

    /// <summary>Results.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>Progress and errors.</summary>
    public IAnsiConsole Error { get; }

    /// <summary>The terminal of an invocation.</summary>
    public static Terminal Of(ParseResult parsed) =>
        new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);

    /// <summary>Writes a line of JSON or other text to standard output as it is, whatever the width.</summary>
    public void WriteLine(string text) => _output.WriteLine(text);

    private static IAnsiConsole Open(TextWriter writer, bool own, bool redirected)
    {
        var terminal = own && !redirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!terminal)
            console.Profile.Width = PipeWidth;
        return console;
    }
}
