using System.CommandLine;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Cli.Explain;

/// <summary><c>kg explain</c>.</summary>
public static class ExplainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("explain", "Shows how a page came about: what every stage took in, kept and dropped, and every score of every item. The "
            + "service remembers requests for a while only.");
        var request = new Argument<string>("requestId") { Description = "requestId of the answer." };
        var features = new Option<bool>("--features") { Description = "Also show what the ranker was fed; known when the request asked to be explained." };
        var json = new Option<bool>("--json") { Description = "Write the record as it came." };
        command.Arguments.Add(request);
        command.Options.Add(features);
        command.Options.Add(json);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            var id = parsed.GetRequiredValue(request);
            if (!Limits.IsId(id))
                throw new InputException($"'{id}' is not the id of a request");
            using var client = connection.Open(parsed);
            if (await client.FindRequestAsync(id, cancellation) is not var (text, reply))
                throw new InputException($"{client.Url} does not remember request {id}: requests are kept for a while only, and dry runs only with explain");
            if (parsed.GetValue(json))
                terminal.WriteLine(text);
            else
                RequestTables.Write(terminal.Out, reply, parsed.GetValue(features));
            return ExitCode.Ok;
        });
        return command;
    }
}
