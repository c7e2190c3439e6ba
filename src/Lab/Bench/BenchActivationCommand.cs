using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Keys;
using Spectre.Console;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench activation</c>.</summary>
public static class BenchActivationCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("activation", "Time of GET /v1/users/{userId}, each user twice: just after a start of the service the first pass makes "
            + "every user's grain read its state, the second finds it in memory.");
        var users = new Option<string>("--users", "--user-count")
        {
            Description = "Number of users after --user-pattern, or a file with one id to a line.",
            DefaultValueFactory = _ => "2000",
        };
        var pattern = new Option<string>("--user-pattern") { Description = "Ids of the users, numbered from 1.", DefaultValueFactory = _ => "u{0:0000}" };
        command.Options.Add(users);
        command.Options.Add(pattern);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            var ids = BenchUsers.Read(parsed.GetValue(users)!, parsed.GetValue(pattern)!);
            using var client = connection.Open(parsed, RetryPolicy.None);
            // The connection and the code paths are warm; the users are not.
            await client.FindUserWorldAsync("no-such-user", cancellation);
            foreach (var pass in (string[])["first", "second"])
            {
                var result = new LoadResult(new LoadPlan { Callers = 1, WarmUp = TimeSpan.Zero, Duration = TimeSpan.Zero });
                var unknown = 0;
                var begin = TimeProvider.System.GetTimestamp();
                foreach (var id in ids)
                {
                    var start = TimeProvider.System.GetTimestamp();
                    if (await client.FindUserWorldAsync(id, cancellation) is null)
                        unknown++;
                    result.Add(TimeProvider.System.GetElapsedTime(start), degraded: false);
                }
                result.Measured = TimeProvider.System.GetElapsedTime(begin);
                terminal.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        name = "user-activation",
                        pass,
                        users = result.Requests,
                        unknown,
                        p50Ms = result.Percentile(50),
                        p99Ms = result.Percentile(99),
                        maxMs = result.Percentile(100),
                    }, KgJson.Options));
                if (unknown > 0)
                    terminal.Error.WriteLine(
                        string.Create(CultureInfo.InvariantCulture, $"{unknown} of the users do not exist: reading nothing is quicker than reading a state"));
            }
            return ExitCode.Ok;
        });
        return command;
    }
}
