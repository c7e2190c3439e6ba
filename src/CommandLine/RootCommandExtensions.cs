using System.CommandLine;

namespace KgOrleans.CommandLine;

/// <summary>Runs a whole command line.</summary>
public static class RootCommandExtensions
{
    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="args">Arguments after the program's name.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static async Task<int> RunAsync(this RootCommand root, string[] args, TextWriter output, TextWriter error)
    {
        var parsed = root.Parse(args);
        var exit = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : exit;
    }
}
