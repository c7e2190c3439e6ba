using System.Net;
using System.Text.Json;
using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Api.Tests.Fuzzing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace KgOrleans.Api.Tests;

/// <summary>
/// Broken requests against the whole service. <c>KG_FUZZ</c> says how many each operation gets, <c>KG_FUZZ_SEED</c> which ones. Any answer but a 5xx will do, and
/// its status must be one that the OpenAPI document names.
/// </summary>
[Trait("Suite", "Cluster")]
public sealed class FuzzTests(LiveHost live, ITestOutputHelper output) : IClassFixture<LiveHost>
{
    private const int AtOnce = 8;

    private static readonly int Count = LiveHost.Setting("KG_FUZZ", 100);
    private static readonly int Seed = LiveHost.Setting("KG_FUZZ_SEED", 1);

    public static TheoryData<string> Operations => [.. FuzzTarget.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task No_broken_request_is_answered_with_a_5xx(string operation)
    {
        var target = FuzzTarget.All.Single(t => t.Name == operation);
        using var item = new StringContent(FuzzTarget.All.Single(t => t.Name == "putItem").Body!, System.Text.Encoding.UTF8, "application/json");
        await live.Http.PutAsync("/v1/items/i1", item);
        var described = await DescribedAsync(target);
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();

        await Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, cancellationToken) =>
        {
            var seed = (Seed * 1_000_003) + number;
            var mutated = new Mutator(target, seed).Mutate();
            using var response = await SendAsync(target, mutated, cancellationToken);
            var status = (int)response.StatusCode;
            statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
            var request = $"{target.Method} {mutated.Path} {mutated.MediaType} {string.Join(", ", mutated.Sent)} (seed {seed})\n"
                + (mutated.Body is null ? "" : System.Text.Encoding.Latin1.GetString(mutated.Body.AsSpan(0, Math.Min(mutated.Body.Length, 2_000))));
            Assert.True(status < 500, $"{status} {await response.Content.ReadAsStringAsync(cancellationToken)}\nto {request}");
            // 400 is also the server's word for what is no HTTP.
            Assert.True(described.Count == 0 || !mutated.KeepsPath || status == 400 || described.Contains(status), $"{status} is not described, to {request}");
        });

        output.WriteLine($"{operation}: {string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Value} x {s.Key}"))}");
        Assert.Equal(HttpStatusCode.OK, (await live.Http.GetAsync("/health/ready")).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task No_broken_framing_is_answered_with_a_5xx(string operation)
    {
        var target = FuzzTarget.All.Single(t => t.Name == operation);

        await Parallel.ForAsync(0, Math.Max(8, Count / 20), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            var random = new Random((Seed * 1_000_003) + number);
            using var connection = await RawConnection.OpenAsync(live.Address);
            var request = Framing.Break(target, live.Address.Authority, random);
            int status;
            try
            {
                await connection.SendAsync(request);
                connection.EndOfSending();
                status = await connection.ReadStatusAsync();
            }
            catch (IOException)
            {
                // Closed on us while we were sending, which is an answer too.
                status = 0;
            }
            Assert.True(status < 500, $"{status} to\n{request}");
        });
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task What_is_broken_is_good_before(string operation)
    {
        using var item = new StringContent(FuzzTarget.All.Single(t => t.Name == "putItem").Body!, System.Text.Encoding.UTF8, "application/json");
        Assert.True((await live.Http.PutAsync("/v1/items/i1", item)).IsSuccessStatusCode);
        var target = FuzzTarget.All.Single(t => t.Name == operation);

        using var response = await SendAsync(target, new Mutator(target, Seed), CancellationToken.None);

        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode || (target.Body is null && response.StatusCode == HttpStatusCode.NotFound), body);
        Assert.DoesNotContain("\"rejectedCount\":1", body);
    }

    [Fact]
    public void Every_route_is_fuzzed()
    {
        var named = live.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal))
            .Select(e => e.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName);

        Assert.Subset(FuzzTarget.All.Select(t => t.Name).ToHashSet(), named.ToHashSet());
    }

    // Without an unescaping client in between: what is broken must arrive broken.
    private async Task<HttpResponseMessage> SendAsync(FuzzTarget target, Mutator mutated, CancellationToken cancellationToken)
    {
        var address = new Uri(live.Address.GetLeftPart(UriPartial.Authority) + mutated.Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(target.Method), address);
        if (mutated.Body is not null)
        {
            request.Content = new ByteArrayContent(mutated.Body);
            if (mutated.MediaType is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", mutated.MediaType);
        }
        foreach (var (name, value) in mutated.Sent)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content?.Headers.TryAddWithoutValidation(name, value);
        }
        return await live.Http.SendAsync(request, cancellationToken);
    }

    private async Task<HashSet<int>> DescribedAsync(FuzzTarget target)
    {
        var document = JsonElement.Parse(await live.Http.GetStringAsync("/openapi/v1.json"));
        return document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Where(o => o.Value.TryGetProperty("operationId", out var id) && id.GetString() == target.Name.Split(' ')[0])
            .SelectMany(o => o.Value.GetProperty("responses").EnumerateObject().Select(r => int.Parse(r.Name)))
            .ToHashSet();
    }
}
