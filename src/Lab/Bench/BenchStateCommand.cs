using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Lab.State;
using KgOrleans.Ranking.Keys;
using Spectre.Console;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench state</c>.</summary>
public static class BenchStateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("state", "Durable writes of users' state a second through a provider of grain storage, and for a container what the "
            + "service itself takes, by a bare client in the same run.");
        var to = new Option<string>("--to") { Description = "sqlite:PATH or blob:CONTAINER: one of its own, nothing else may be there.", Required = true };
        var states = new Option<int>("--states") { Description = "States written in turn, 1..1000000.", DefaultValueFactory = _ => 1000 };
        var bytes = new Option<int>("--bytes") { Description = "Least bytes of a state, 1000..1000000.", DefaultValueFactory = _ => 16 << 10 };
        var writers = new Option<int>("--writers") { Description = "Writes at once, 1..10000.", DefaultValueFactory = _ => 64 };
        var duration = new Option<double>("--duration") { Description = "Seconds measured.", DefaultValueFactory = _ => 10 };
        foreach (var option in (Option[])[to, states, bytes, writers, duration])
            command.Options.Add(option);
        var places = new StatePlaces().AddTo(command);
        command.RunOnStores(async (parsed, terminal, cancellation) =>
        {
            var (isBlob, name) = StatePlaces.Parse("--to", parsed.GetValue(to)!);
            var plan = new LoadPlan
            {
                Callers = InRange("--writers", parsed.GetValue(writers), 1, 10_000),
                WarmUp = TimeSpan.FromSeconds(2),
                Duration = parsed.GetValue(duration) is var seconds && seconds is >= 0.1 and <= 86_400
                    ? TimeSpan.FromSeconds(seconds)
                    : throw new InputException("--duration: must be 0.1..86400 seconds"),
            };
            var count = InRange("--states", parsed.GetValue(states), 1, 1_000_000);
            var size = InRange("--bytes", parsed.GetValue(bytes), 1_000, 1_000_000);
            if (!isBlob)
            {
                await using var sqlite = await StateBench.SqliteAsync(name, count, size, cancellation);
                Write("sqlite-state-write", await sqlite.RunAsync(plan, cancellation), ceiling: null);
                return ExitCode.Ok;
            }
            var account = places.Account(parsed);
            await using var blobs = await StateBench.BlobAsync(account, name, count, size, cancellation);
            var bare = await BareBlobBench.RunAsync(account, name + "-bare", count, blobs.StateBytes, plan, cancellation);
            Write("blob-bare-write", bare, ceiling: null);
            Write("blob-state-write", await blobs.RunAsync(plan, cancellation), bare.PerSecond);
            return ExitCode.Ok;

            void Write(string what, LoadResult result, double? ceiling)
            {
                terminal.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        name = what,
                        states = count,
                        bytes = size,
                        writers = plan.Callers,
                        writesPerSecond = Math.Round(result.PerSecond, 1),
                        p50Ms = result.Percentile(50),
                        p99Ms = result.Percentile(99),
                        maxMs = result.Percentile(100),
                        shareOfBare = ceiling is { } most ? Math.Round(result.PerSecond / most, 3) : (double?)null,
                        errors = result.Errors.Count > 0 ? result.Errors : null,
                    },
                    KgJson.Options));
                if (result.Errors.Count > 0)
                    terminal.Error.WriteLine($"{what}: some writes failed");
            }
        });
        return command;
    }

    private static int InRange(string option, int value, int min, int max) =>
        value >= min && value <= max ? value : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{option}: must be {min}..{max}"));
}
