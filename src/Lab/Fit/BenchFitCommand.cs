using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Factors;
using Spectre.Console;

namespace KgOrleans.Lab.Fit;

/// <summary><c>kg-lab bench fit</c>: time of an epoch on a made-up history, beside a reference in the same run.</summary>
public static class BenchFitCommand
{
    private const int ComparedScores = 1_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("fit", "Times the epochs of kg-lab fit on a made-up history; with --reference beside the same epochs in another program.");
        var likes = Number("--likes", "Pairs of user and item, about.", 1_000_000, 1, 100_000_000);
        var users = Number("--users", "Users.", 100_000, 2, 10_000_000);
        var items = Number("--items", "Items.", 100_000, 2, 10_000_000);
        var dimension = Number("--dimension", "Components of a vector.", 64, 1, FactorSettings.MostDimension);
        var epochs = Number("--epochs", "Epochs.", 3, 1, 100);
        var threads = Number("--threads", "Threads.", Environment.ProcessorCount, 1, 1_024);
        var reference = new Option<string?>(
            "--reference")
        { Description = "Program that does the same epochs, with its arguments, such as 'python3 training/ials_reference.py'. It gets a file as its last." };
        var whole = new Option<bool>("--whole")
        {
            Description = "Also time all of kg-lab fit on the likes: the search of all settings but the dimension, and the fit.",
        };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON." };
        foreach (var (option, _) in (ReadOnlySpan<(Option<int>, Action<ParseResult>)>)[likes, users, items, dimension, epochs, threads])
            command.Options.Add(option);
        command.Options.Add(reference);
        command.Options.Add(whole);
        command.Options.Add(json);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            foreach (var (_, check) in ((Option<int>, Action<ParseResult>)[])[likes, users, items, dimension, epochs, threads])
                check(parsed);
            // Weak: on likes without any structure a stronger regularisation leaves no vector, and nothing to compare.
            var settings = new FactorSettings
            {
                Dimension = parsed.GetValue(dimension.Option),
                Epochs = parsed.GetValue(epochs.Option),
                UnobservedWeight = 0.001,
                Regularisation = 0.003,
            };
            var positives = FitSynthetic.Likes(parsed.GetValue(likes.Option), parsed.GetValue(users.Option), parsed.GetValue(items.Option));
            var solver = new FactorSolver(positives, settings, parsed.GetValue(threads.Option));
            var start = (float[])solver.ItemFactors.Clone();
            var watch = Stopwatch.StartNew();
            var (best, last) = (double.MaxValue, TimeSpan.Zero);
            for (var epoch = 0; epoch < settings.Epochs; epoch++)
            {
                solver.SolveUsers(cancellation);
                solver.SolveItems(cancellation);
                (best, last) = (Math.Min(best, (watch.Elapsed - last).TotalMilliseconds), watch.Elapsed);
            }
            var ours = new BenchFitResult(positives.EntryCount, watch.Elapsed.TotalMilliseconds / settings.Epochs, best, null, null);
            if (parsed.GetValue(reference) is { } program)
            {
                var (ms, difference) = await CompareAsync(program, positives, settings, start, solver, cancellation);
                ours = ours with { ReferenceMs = ms, LargestDifference = difference };
            }
            if (parsed.GetValue(whole))
                ours = ours with { WholeSeconds = Whole(positives, settings.Dimension, parsed.GetValue(threads.Option), cancellation).TotalSeconds };
            if (parsed.GetValue(json))
                terminal.WriteLine(JsonSerializer.Serialize(ours, Ranking.Keys.KgJson.Options));
            else
                Show(terminal.Out, ours, settings);
            return ExitCode.Ok;
        });
        return command;
    }

    private static (Option<int> Option, Action<ParseResult> Check) Number(string name, string description, int value, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        return (option, parsed =>
        {
            if (parsed.GetValue(option) < least || parsed.GetValue(option) > most)
                throw new InputException($"{name}: must be {least}..{most}");
        }
        );
    }

    private static void Show(IAnsiConsole console, BenchFitResult result, FactorSettings settings)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("epoch of");
        table.AddColumn(new TableColumn("ms, mean").RightAligned()).AddColumn(new TableColumn("ms, best").RightAligned());
        table.AddRow("kg-lab fit", Text($"{result.MeanMs:N0}"), Text($"{result.BestMs:N0}"));
        if (result.ReferenceMs is { } reference)
            table.AddRow("reference", Text($"{reference:N0}"), "");
        console.Write(table);
        console.WriteLine(Text($"{result.Likes:N0} likes, {settings.Dimension} dimensions, {settings.Epochs} epochs"));
        if (result.WholeSeconds is { } seconds)
            console.WriteLine(Text($"a whole fit: {seconds:N0} s"));
        if (result.LargestDifference is { } difference)
            console.WriteLine(Text($"largest difference of {ComparedScores} scores: {difference:0.0e0}"));
    }

    private static TimeSpan Whole(SparseRows likes, int dimension, int threads, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        ulong[] keys = [.. Enumerable.Range(0, likes.ColumnCount).Select(i => (ulong)i + 1)];
        ulong[] users = [.. Enumerable.Range(0, likes.RowCount).Select(u => (ulong)u + 1)];
        var data = new FitData(
            "bench", keys, [.. keys.Select(_ => Array.Empty<ContentToken>())], users, [.. users.Select((_, u) => likes[u].ToArray())]);
        var run = new FitRun(data, new FitFixed(dimension, null, null, new FactorSettings().Epochs, 1), threads);
        run.Fit(run.Choose(() => { }, cancellation), () => { }, cancellation);
        return watch.Elapsed;
    }

    // The file: users, items, likes, dimension, epochs as int32; alpha 0, lambda as float64; offsets and columns of the users as int32; first item vectors.
    private static async Task<(double Ms, double Difference)> CompareAsync(
        string program, SparseRows likes, FactorSettings settings, float[] start, FactorSolver solver, CancellationToken cancellation)
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var file = new BinaryWriter(File.Create(path)))
            {
                foreach (var number in (int[])[likes.RowCount, likes.ColumnCount, likes.EntryCount, settings.Dimension, settings.Epochs])
                    file.Write(number);
                file.Write(settings.UnobservedWeight);
                file.Write(settings.Regularisation);
                var offset = 0;
                file.Write(offset);
                for (var user = 0; user < likes.RowCount; user++)
                    file.Write(offset += likes[user].Length);
                for (var user = 0; user < likes.RowCount; user++)
                    file.Write(MemoryMarshal.AsBytes(likes[user]));
                file.Write(MemoryMarshal.AsBytes(start.AsSpan()));
            }
            var parts = program.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            using var process = Process.Start(new ProcessStartInfo(parts[0], [.. parts[1..], path]) { RedirectStandardOutput = true })!;
            var answer = JsonSerializer.Deserialize<BenchFitReference>(await process.StandardOutput.ReadToEndAsync(cancellation), Ranking.Keys.KgJson.Options)!;
            await process.WaitForExitAsync(cancellation);
            var d = settings.Dimension;
            var difference = 0d;
            for (var n = 0; n < Math.Min(ComparedScores, answer.Scores.Count); n++)
            {
                var (user, item) = (n % likes.RowCount, n % likes.ColumnCount);
                var score = DotProduct.Single(solver.UserFactors.AsSpan(user * d, d), solver.ItemFactors.AsSpan(item * d, d));
                difference = Math.Max(difference, Math.Abs(score - answer.Scores[n]));
            }
            return (answer.MeanMs, difference);
        }
        catch (Exception e) when (e is JsonException or System.ComponentModel.Win32Exception)
        {
            throw new InputException($"--reference: {program}: {e.Message}");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
