using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using KgOrleans.Lab.Evaluate;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using Spectre.Console;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench serve</c>.</summary>
public static class BenchServeCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("serve", "Latency and throughput of POST /v1/recommend: a closed loop at each concurrency, or an open loop at a rate; "
            + "with the service's own stages and CPU time from its /metrics.");
        var users = new Option<string>("--users", "--user-count")
        {
            Description = "Number of users after --user-pattern, or a file with one id to a line.",
            DefaultValueFactory = _ => "2000",
        };
        var pattern = new Option<string>("--user-pattern") { Description = "Ids of the users, numbered from 1.", DefaultValueFactory = _ => "u{0:0000}" };
        var concurrency = new Option<string>("--concurrency") { Description = "Callers at a time, one run for each number.", DefaultValueFactory = _ => "1,8" };
        var duration = new Option<double>("--duration") { Description = "Seconds measured in each run.", DefaultValueFactory = _ => 20 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds before, not measured.", DefaultValueFactory = _ => 3 };
        var rate = new Option<double?>("--rate")
        {
            Description = "Open loop: requests a second on a fixed schedule, by at most --concurrency callers. Times "
            + "count from the schedule, so that a stall is charged for all that it held up."
        };
        var scene = new Option<string>("--scene") { Description = "Scene to ask.", DefaultValueFactory = _ => BuiltInScenes.Feed };
        var pageSize = new Option<int>("--page-size") { Description = $"Items on a page, 1..{Limits.PageSize}.", DefaultValueFactory = _ => 10 };
        var live = new Option<bool>(
            "--live")
        { Description = "Real requests: logged, and part of the users' sessions. Otherwise dry runs, which leave the store as it is." };
        var kernels = new Option<DirectoryInfo?>("--kernels")
        {
            Description = "Model bundle that the service runs. Afterwards the kernels of one request are measured alone in this process, in the scene's "
                + "sizes, and their sum is compared with the service's CPU time a request.",
        };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON for each run, and one for the kernels." };
        foreach (var option in (Option[])[users, pattern, concurrency, duration, warmUp, rate, scene, pageSize, live, kernels, json])
            command.Options.Add(option);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            var ids = BenchUsers.Read(parsed.GetValue(users)!, parsed.GetValue(pattern)!);
            var callers = Callers(parsed.GetValue(concurrency)!);
            var plan = new LoadPlan
            {
                Callers = callers[0],
                WarmUp = Seconds(parsed.GetValue(warmUp), "--warm-up", 0),
                Duration = Seconds(parsed.GetValue(duration), "--duration", 0.1),
                Rate = parsed.GetValue(rate) is not { } r ? null : r is > 0 and <= 1e6 ? r : throw new InputException("--rate: must be above 0"),
            };
            using var bundle = parsed.GetValue(kernels) is { } directory ? EvaluateCommand.Load(directory) : null;
            using var client = connection.Open(parsed, RetryPolicy.None);
            RecommendRequest Request(long n) => new()
            {
                // A stride coprime to most counts visits all users without a pattern that caches could follow.
                UserId = ids[(int)(n * 7919 % ids.Count)],
                Scene = parsed.GetValue(scene)!,
                PageSize = parsed.GetValue(pageSize),
                DryRun = parsed.GetValue(live) ? null : true,
            };
            var results = new List<LoadResult>();
            foreach (var count in callers)
            {
                terminal.Error.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{count} callers: {plan.WarmUp.TotalSeconds:0.#} s to warm up, {plan.Duration.TotalSeconds:0.#} s measured"));
                var result = await MeasureAsync(client, plan with { Callers = count }, Request, cancellation);
                results.Add(result);
                if (parsed.GetValue(json))
                    terminal.WriteLine(result.ToJson());
            }
            if (!parsed.GetValue(json))
                LoadTable.Write(terminal.Out, results);
            if (bundle is not null)
            {
                var document = await client.FindSceneAsync(parsed.GetValue(scene)!, cancellation)
                    ?? throw new InputException($"--scene {parsed.GetValue(scene)}: the service has no such scene");
                var times = ServeKernels.Measure(document, (int)await client.CountItemsAsync(cancellation), parsed.GetValue(pageSize), bundle);
                if (parsed.GetValue(json))
                    terminal.WriteLine(ToJson(times, results));
                else
                    LoadTable.WriteKernels(terminal.Out, times, results);
            }
            return results.Any(r => r.Requests == 0) ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    private static async Task<LoadResult> MeasureAsync(KgClient client, LoadPlan plan, Func<long, RecommendRequest> request, CancellationToken cancellation)
    {
        ServerMetrics? before = null;
        var clientCpu = TimeSpan.Zero;
        Func<long, CancellationToken, Task<bool>> ask = async (n, c) => (await client.RecommendAsync(request(n), c)).Reply.Degraded.Count > 0;
        var result = await LoadRun.RunAsync(plan, ask, TimeProvider.System, cancellation, async () =>
        {
            before = await ReadMetricsAsync(client, cancellation);
            clientCpu = Environment.CpuUsage.TotalTime;
        });
        result.ClientCpu = Environment.CpuUsage.TotalTime - clientCpu;
        if (before is not null && await ReadMetricsAsync(client, cancellation) is { } after)
            result.Server = ServerMetrics.Between(before, after);
        return result;
    }

    // Latency is measured without metrics as well: a service behind a gateway may not show them.
    private static async Task<ServerMetrics?> ReadMetricsAsync(KgClient client, CancellationToken cancellation)
    {
        try
        {
            return await client.FindMetricsAsync(cancellation) is { } text ? ServerMetrics.Parse(text) : null;
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private static string ToJson(IReadOnlyList<KernelTime> times, IReadOnlyList<LoadResult> results)
    {
        var sum = times.Sum(t => t.Ms);
        return JsonSerializer.Serialize(
            new
            {
                kernels = times.Select(t => new { t.Name, t.Size, ms = Math.Round(t.Ms, 4) }),
                kernelSumMs = Math.Round(sum, 3),
                cpuToKernels = results.Select(r => r.Server is { } server ? Math.Round(server.CpuMsPerRequest / sum, 2) : (double?)null),
            },
            KgJson.Options);
    }

    private static List<int> Callers(string text)
    {
        var counts = new List<int>();
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 10_000)
                throw new InputException($"--concurrency {text}: give numbers of 1..10000, as in 1,8");
            counts.Add(count);
        }
        return counts;
    }

    private static TimeSpan Seconds(double value, string option, double least) =>
        value >= least && value <= 86_400
            ? TimeSpan.FromSeconds(value)
            : throw new InputException($"{option}: must be {least.ToString(CultureInfo.InvariantCulture)}..86400 seconds");
}
