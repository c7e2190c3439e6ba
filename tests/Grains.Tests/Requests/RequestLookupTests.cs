using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Requests;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace KgOrleans.Grains.Tests.Requests;

/// <summary>Look-ups over several silos, each with records of its own.</summary>
[Trait("Suite", "Cluster")]
public sealed class RequestLookupTests
{
    [Fact]
    public async Task A_record_is_found_from_every_silo_and_goes_with_the_silo_that_kept_it()
    {
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureSilo((_, silo) => silo.Services.AddSingleton<RequestLog>().AddSingleton<RequestLookup>());
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        var silos = cluster.Silos.ToArray();
        for (var i = 0; i < silos.Length; i++)
            silos[i].ServiceProvider.GetRequiredService<RequestLog>()
                .Add(new RequestRecord { UserId = $"u{i}", Answer = new RecommendAnswer { RequestId = $"r{i}" } });

        foreach (var silo in silos)
        {
            var lookup = silo.ServiceProvider.GetRequiredService<RequestLookup>();
            for (var i = 0; i < silos.Length; i++)
                Assert.Equal($"u{i}", (await lookup.FindAsync($"r{i}"))?.UserId);
            Assert.Null(await lookup.FindAsync("r9"));
        }

        await cluster.StopSiloAsync(silos[2]);
        var left = silos[0].ServiceProvider.GetRequiredService<RequestLookup>();
        Assert.Null(await left.FindAsync("r2"));
        Assert.Equal("u1", (await left.FindAsync("r1"))?.UserId);
    }
}
