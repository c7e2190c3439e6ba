using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.State;

/// <summary><c>kg-lab state copy</c>.</summary>
public static class StateCopyCommand
{
    // Containers answer in milliseconds, and a file commits what waits together: both want company.
    private const int AtOnce = 32;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("copy", "Copies grain state between a SQLite file and a container, byte for byte, while no silo uses either. A state that "
            + "is there already is left alone, so that a copy may be repeated.");
        var from = new Option<string>("--from") { Description = "sqlite:PATH or blob:CONTAINER.", Required = true };
        var to = new Option<string>("--to") { Description = "sqlite:PATH or blob:CONTAINER; made when absent.", Required = true };
        command.Options.Add(from);
        command.Options.Add(to);
        var places = new StatePlaces().AddTo(command);
        command.RunOnStores(async (parsed, terminal, cancellation) =>
        {
            var (source, target) = (parsed.GetValue(from)!, parsed.GetValue(to)!);
            // Nothing is opened, hence nothing made, before both are understood.
            StatePlaces.Parse("--from", source);
            StatePlaces.Parse("--to", target);
            if (source == target)
                throw new InputException("--from and --to are the same place");
            await using var reading = await places.OpenAsync(parsed, "--from", source, mustExist: true, cancellation);
            await using var writing = await places.OpenAsync(parsed, "--to", target, mustExist: false, cancellation);
            long copied = 0, equal = 0, different = 0;
            var atOnce = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(reading.ReadAsync(cancellation), atOnce, async (state, token) =>
            {
                var there = await writing.AddAsync(state, token);
                ref var count = ref there is null ? ref copied : ref there.AsSpan().SequenceEqual(state.Payload) ? ref equal : ref different;
                Interlocked.Increment(ref count);
            });
            terminal.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{copied} states copied, {equal} were there already, {different} were there with other content and were left alone"));
            return different == 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }
}
