using KgOrleans.Grains.Configuration;
using KgOrleans.Grains.Requests;
using KgOrleans.Grains.Scenes;
using KgOrleans.Grains.Scoring;
using KgOrleans.Grains.Shards;
using KgOrleans.Grains.Users;
using Microsoft.Extensions.Configuration;

namespace KgOrleans.Grains.Tests.Configuration;

[Trait("Suite", "Unit")]
public sealed class KgOptionsTests
{
    [Fact]
    public void Defaults_are_valid_and_stay_what_they_are()
    {
        var options = new KgOptions();
        Assert.Empty(options.Validate());
        Assert.Equal("data", options.Data.Path);
        Assert.Equal(8, options.Shards.Count);
        Assert.Equal(("main", 32), (options.Catalogue.WorldId, options.Catalogue.ContentDimension));
        Assert.Equal("", options.Model.Path);
        Assert.Equal((0, 1_024), (options.Scoring.Threads, options.Scoring.QueueLength));
        Assert.Equal((5_000, 256), (options.UserState.WriteTimeoutMs, options.UserState.QueueLength));
        Assert.Equal((10_000, 30, 128), (options.Requests.Capacity, options.Requests.Minutes, options.Requests.MaxMegabytes));
        Assert.Equal(5_000, options.Scenes.WriteTimeoutMs);
    }

    [Fact]
    public void Every_error_is_named_with_its_setting_its_value_and_what_is_allowed()
    {
        var options = new KgOptions
        {
            Data = new DataOptions { Path = " " },
            Shards = new ShardOptions { Count = 257 },
            Catalogue = new CatalogueOptions { WorldId = "a b", ContentDimension = 0 },
            Scoring = new ScoringOptions { Threads = -1, QueueLength = 0 },
            UserState = new UserStateOptions { WriteTimeoutMs = 99, QueueLength = 0 },
            Requests = new RequestLogOptions { Capacity = -1, Minutes = 1_441, MaxMegabytes = 0 },
            Scenes = new SceneOptions { WriteTimeoutMs = 60_001 },
        };
        Assert.Equal(
            [
                "Kg:Data:Path is empty, it must name a directory",
                "Kg:Shards:Count is 257, it must be 1..256",
                "Kg:Catalogue:WorldId is 'a b', it must be 1..128 characters of A-Z a-z 0-9 _ . : -",
                "Kg:Catalogue:ContentDimension is 0, it must be 1..1024",
                "Kg:Scoring:Threads is -1, it must be 0 (one a core) or 1..1024",
                "Kg:Scoring:QueueLength is 0, it must be 1..1000000",
                "Kg:UserState:WriteTimeoutMs is 99, it must be 100..60000",
                "Kg:UserState:QueueLength is 0, it must be 1..100000",
                "Kg:Requests:Capacity is -1, it must be 0..1000000",
                "Kg:Requests:Minutes is 1441, it must be 1..1440",
                "Kg:Requests:MaxMegabytes is 0, it must be 1..16384",
                "Kg:Scenes:WriteTimeoutMs is 60001, it must be 100..60000",
            ],
            options.Validate());
    }

    [Theory]
    [InlineData("Shards:Count", "256", "0")]
    [InlineData("Catalogue:WorldId", "demo-1", "a/b")]
    [InlineData("Catalogue:ContentDimension", "1", "-1")]
    [InlineData("Scoring:Threads", "1024", "1025")]
    [InlineData("Scoring:QueueLength", "1000000", "1000001")]
    [InlineData("UserState:WriteTimeoutMs", "100", "60001")]
    [InlineData("UserState:QueueLength", "100000", "100001")]
    [InlineData("Requests:Capacity", "0", "1000001")]
    [InlineData("Requests:Minutes", "1440", "0")]
    [InlineData("Requests:MaxMegabytes", "16384", "16385")]
    [InlineData("Scenes:WriteTimeoutMs", "60000", "99")]
    public void A_setting_is_bound_by_its_key_and_checked_at_its_bounds(string key, string allowed, string refused)
    {
        Assert.Empty(Bind(key, allowed).Validate());
        Assert.StartsWith($"Kg:{key} is ", Assert.Single(Bind(key, refused).Validate()), StringComparison.Ordinal);
    }

    private static KgOptions Bind(string key, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new($"Kg:{key}", value)]).Build().GetSection(KgOptions.Section).Get<KgOptions>()!;
}
