using System.Diagnostics;
using System.Globalization;
using System.Text;
using KgOrleans.Api.Tests.Fakes;

namespace KgOrleans.Api.Tests;

/// <summary>
/// Readers beside connections that hardly move, against the whole service. <c>KG_SLOW</c> says how many such connections there are, <c>KG_SLOW_PAGES</c> how many
/// pages are read in each phase; the table of latencies is the test's output.
/// </summary>
[Trait("Suite", "Cluster")]
public sealed class SlowNetworkTests(LiveHost live, ITestOutputHelper output) : IClassFixture<LiveHost>
{
    private const int Readers = 4;
    private const string Page = """{"userId":"u1","scene":"feed","pageSize":10}""";

    private static readonly int Connections = LiveHost.Setting("KG_SLOW", 28);
    private static readonly int Pages = LiveHost.Setting("KG_SLOW_PAGES", 60);

    // Head, what is sent again every second, and whether what the server says is read.
    private static readonly (string Name, string Head, string Drip, bool Reads)[] Kinds =
    [
        ("a head that does not end", "POST /v1/recommend HTTP/1.1\r\nHost: {host}\r\nX-Slow: ", "", true),
        ("a JSON body that does not come", Head("POST", "/v1/recommend", "application/json"), "", true),
        ("a JSON body at 375 B/s", Head("POST", "/v1/events", "application/json"), new string(' ', 375), true),
        ("an upload that does not come", Head("POST", "/v1/items/", "application/x-ndjson"), "", true),
        ("an upload at 375 B/s", Head("POST", "/v1/users", "application/x-ndjson"), new string(' ', 375), true),
        ("a trace of the dashboard", "GET /dashboard/Trace HTTP/1.1\r\nHost: {host}\r\n\r\n", "", true),
        ("an answer that nobody reads", "GET /docs/scalar.js HTTP/1.1\r\nHost: {host}\r\n\r\n", "", false),
    ];

    [Fact]
    public async Task Readers_are_answered_as_ever_while_connections_stall()
    {
        var items = string.Concat(Enumerable.Range(0, 2_000).Select(i => $$"""{"itemId":"i{{i}}","creatorId":"c{{i % 200}}","kind":"audio","tags":["t{{i % 20}}"]}""" + "\n"));
        using var content = new StringContent(items, Encoding.UTF8, "application/x-ndjson");
        Assert.True((await live.Http.PostAsync("/v1/items", content)).IsSuccessStatusCode);
        await ReadAsync(Pages);

        var before = await ReadAsync(Pages);
        using var end = new CancellationTokenSource();
        var open = 0;
        var stalled = Enumerable.Range(0, Connections).Select(i => StallAsync(Kinds[i % Kinds.Length], held => Interlocked.Add(ref open, held), end.Token)).ToArray();
        while (Volatile.Read(ref open) < Connections)
            await Task.Yield();
        var during = await ReadAsync(Pages);
        var held = Volatile.Read(ref open);
        await end.CancelAsync();
        await Task.WhenAll(stalled);
        var after = await ReadAsync(Pages);

        output.WriteLine("| stalled connections | pages | answered 200 | p50 | p90 | p99 | longest |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        output.WriteLine(Row("none, before", before));
        output.WriteLine(Row($"{Connections} ({held} at the end)", during));
        output.WriteLine(Row("none, after", after));
        Assert.All(before.Concat(during).Concat(after), page => Assert.Equal(200, page.Status));
        // The server gives some up all the time, and they come again.
        Assert.InRange(held, Connections / 2, Connections);
    }

    private async Task<(int Status, double Milliseconds)[]> ReadAsync(int pages)
    {
        var answers = new (int, double)[pages];
        await Parallel.ForAsync(0, pages, new ParallelOptions { MaxDegreeOfParallelism = Readers }, async (i, cancellationToken) =>
        {
            using var content = new StringContent(Page, Encoding.UTF8, "application/json");
            var start = Stopwatch.GetTimestamp();
            using var response = await live.Http.PostAsync("/v1/recommend", content, cancellationToken);
            await response.Content.ReadAsByteArrayAsync(cancellationToken);
            answers[i] = ((int)response.StatusCode, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        });
        return answers;
    }

    // Keeps one connection of a kind open; opens it again when the server closes it.
    private async Task StallAsync((string Name, string Head, string Drip, bool Reads) kind, Action<int> count, CancellationToken cancellationToken)
    {
        // Spread over the seconds in which the server gives such connections up, so that they do not come again all at once.
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5_000)), CancellationToken.None);
        while (!cancellationToken.IsCancellationRequested)
        {
            using var connection = await RawConnection.OpenAsync(live.Address);
            await connection.SendAsync(kind.Head.Replace("{host}", live.Address.Authority));
            count(1);
            try
            {
                while (true)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
                    if (kind.Reads)
                        await connection.SkipAsync();
                    if (connection.IsClosed)
                        break;
                    await connection.SendAsync(kind.Drip);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                // Given up by the server, or the end of the test.
            }
            count(-1);
        }
    }

    private static string Head(string method, string path, string mediaType) =>
        $"{method} {path} HTTP/1.1\r\nHost: {{host}}\r\nContent-Type: {mediaType}\r\nContent-Length: 1000000\r\n\r\n";

    private static string Row(string name, (int Status, double Milliseconds)[] answers)
    {
        var sorted = answers.Select(a => a.Milliseconds).Order().ToArray();
        string At(double share) => sorted[(int)(share * (sorted.Length - 1))].ToString("0.0 ms", CultureInfo.InvariantCulture);
        return $"| {name} | {answers.Length:N0} | {answers.Count(a => a.Status == 200):N0} | {At(0.5)} | {At(0.9)} | {At(0.99)} | {At(1)} |";
    }
}
