using System.CommandLine;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Diversify;

/// <summary><c>kg-lab diversify</c>.</summary>
public static class DiversifyCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("diversify", "Selects relevant, diverse candidates from a case file by the kernels that serve requests, in float64 for dpp.");
        var file = new Option<string>("--in")
        {
            Description = "The case: {\"relevance\":[0..1],\"vectors\":[[..]],\"theta\":0.7,\"picks\":10,\"window\":0,"
                + "\"method\":\"dpp\"|\"mmr\"|\"scatter\",\"weights\"?:[..],\"kinds\"?:[..],\"kindShare\"?:0.1}; - for standard input.",
            Required = true,
        };
        command.Options.Add(file);
        command.Run((parsed, terminal, _) =>
        {
            var path = parsed.GetValue(file)!;
            using var stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            terminal.WriteLine(DiversifyAnswer.Of(DiversifyCase.Parse(stream)).ToJson());
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
