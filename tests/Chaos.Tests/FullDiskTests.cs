using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;

namespace KgOrleans.Chaos.Tests;

/// <summary>A disk without space, as a limit on the size of files that the process may write, set and lifted while it runs.</summary>
[Trait("Suite", "Chaos")]
public sealed class FullDiskTests
{
    [Fact]
    public async Task Writes_are_refused_while_there_is_no_space_pages_go_on_and_writes_succeed_once_there_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the limit is set by prlimit, which Linux has");
        var data = Path.Combine(Path.GetTempPath(), "kg-full-" + Guid.NewGuid().ToString("N"));
        try
        {
            await using (var node = await NodeProcess.StartAsync(data))
            {
                await PutAsync(node, "w1", HttpStatusCode.Created);
                await SendAsync(node, "e1", "w1", HttpStatusCode.OK);
                for (var round = 0; round < 2; round++)
                {
                    Limit(node, "1");
                    await PutAsync(node, "w2", HttpStatusCode.ServiceUnavailable);
                    await SendAsync(node, "e2", "w1", HttpStatusCode.ServiceUnavailable);
                    Assert.NotNull(await node.PageAsync(new { userId = "u2", scene = "feed", timeoutMs = 20_000, dryRun = true }));
                    Limit(node, "unlimited");
                    await PutAsync(node, $"again{round}", HttpStatusCode.Created);
                    await SendAsync(node, $"again{round}", $"again{round}", HttpStatusCode.OK);
                    using var ready = await node.Http.GetAsync("/health/ready");
                    Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
                }
                await node.KillAsync();
            }
            await using (var node = await NodeProcess.StartAsync(data))
            {
                foreach (var item in (string[])["w1", "again0", "again1"])
                    Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync($"/v1/items/{item}")).StatusCode);
                Assert.Equal(HttpStatusCode.NotFound, (await node.Http.GetAsync("/v1/items/w2")).StatusCode);
                Assert.Empty(await node.PageAsync(new { userId = "u1", scene = "feed", timeoutMs = 20_000, dryRun = true }));
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task PutAsync(NodeProcess node, string item, HttpStatusCode expected)
    {
        using var answer = await node.Http.PutAsJsonAsync($"/v1/items/{item}", new { kind = "audio", creatorId = "c1" });
        Assert.True(answer.StatusCode == expected, $"{item}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}\n{node.Output}");
    }

    private static async Task SendAsync(NodeProcess node, string id, string item, HttpStatusCode expected)
    {
        var e = new { eventId = id, userId = "u1", itemId = item, type = "impression" };
        using var answer = await node.Http.PostAsJsonAsync("/v1/events", new { events = new[] { e } });
        Assert.True(answer.StatusCode == expected, $"{id}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}\n{node.Output}");
    }

    private static void Limit(NodeProcess node, string bytes)
    {
        using var limit = Process.Start("prlimit", ["--pid", node.Id.ToString(CultureInfo.InvariantCulture), $"--fsize={bytes}:unlimited"]);
        limit.WaitForExit();
        Assert.Equal(0, limit.ExitCode);
    }
}
