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
        Assert.Equal(("data", "local", null), (options.Data.Path, options.Data.Logs, options.Data.Blobs));
        Assert.Equal(("kg-data", 50), (new BlobDataOptions().Container, new BlobDataOptions().LingerMs));
        Assert.Equal((8, 16L << 20), (options.Shards.Count, options.Shards.SnapshotAfterBytes));
        Assert.Equal(400, options.Events.RetentionDays);
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
            Shards = new ShardOptions { Count = 257, SnapshotAfterBytes = 1_023 },
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
                "Kg:Shards:SnapshotAfterBytes is 1023, it must be 1024..1099511627776",
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

    [Fact]
    public void Logs_in_blobs_need_an_account_a_container_and_a_time_and_logs_on_the_disk_take_none_of_them()
    {
        Assert.Equal(["Kg:Data:Logs is 'blob', it must be local or blobs"], Bind("Data:Logs", "blob").Validate());
        Assert.Equal(["Kg:Data:Blobs:Service is empty, it must name an account of Kg:BlobServices"], Bind("Data:Logs", "blobs").Validate());
        Assert.Equal(["Kg:Data:Blobs is set, but Kg:Data:Logs is local"], Bind("Data:Blobs:Service", "store").Validate());
        var wrong = new KgOptions { Data = new DataOptions { Logs = "blobs", Blobs = new BlobDataOptions { Service = "store", Container = "A", LingerMs = -1 } } };
        Assert.Equal(
            [
                "Kg:Data:Blobs:Container is 'A', it must be 3..63 characters of a-z 0-9 -, without - at an end or twice in a row",
                "Kg:Data:Blobs:LingerMs is -1, it must be 0..1000",
            ],
            wrong.Validate());
        foreach (var name in (string[])["ab", "-abc", "abc-", "a--b", "abc\n", "a_c", new string('a', 64)])
            Assert.Single(new KgOptions { Data = Blobs(name) }.Validate());
        foreach (var name in (string[])["abc", "a-c", "0-9-z", new string('a', 63)])
            Assert.Empty(new KgOptions { Data = Blobs(name) }.Validate());

        static DataOptions Blobs(string container) => new() { Logs = "blobs", Blobs = new BlobDataOptions { Service = "store", Container = container } };
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
