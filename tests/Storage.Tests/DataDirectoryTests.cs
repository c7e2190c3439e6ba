using KgOrleans.Storage.Tests.Children;

namespace KgOrleans.Storage.Tests;

[Trait("Suite", "Unit")]
public sealed class DataDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _parent = new();

    private string Root => _parent.File("data");

    public void Dispose() => _parent.Dispose();

    [Fact]
    public void Opening_creates_the_layout()
    {
        using var data = DataDirectory.Open(Root);
        Assert.True(Directory.Exists(data.LogsPath));
        Assert.True(Directory.Exists(data.StatePath));
        Assert.Equal(Path.Combine(Root, "logs"), data.LogsPath);
    }

    [Fact]
    public void A_second_holder_is_refused_until_the_first_lets_go()
    {
        using (DataDirectory.Open(Root))
        {
            var refused = Assert.Throws<StorageException>(() => DataDirectory.Open(Root));
            Assert.Contains("Kg:Data:Path", refused.Message, StringComparison.Ordinal);
            Assert.Contains(Root, refused.Message, StringComparison.Ordinal);
        }
        using var again = DataDirectory.Open(Root);
    }

    [Fact]
    public async Task Another_process_holds_it_until_killed()
    {
        using var child = ChildProcess.Start("hold", Root);
        Assert.Equal("held", await child.ReadLineAsync());
        Assert.Throws<StorageException>(() => DataDirectory.Open(Root));
        await child.KillAsync();
        using var data = DataDirectory.Open(Root);
    }

    [Fact]
    public void A_path_that_is_a_file_is_refused_with_the_option_named()
    {
        File.WriteAllText(Root, "");
        Assert.Contains("Kg:Data:Path", Assert.Throws<StorageException>(() => DataDirectory.Open(Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_round_trip_and_broken_ones_are_refused_by_name()
    {
        using var data = DataDirectory.Open(Root);
        Assert.Null(data.ReadDocument<World>("world"));
        data.WriteDocument("world", new World("demo", 1));
        data.WriteDocument("world", new World("demo", 2));
        Assert.Equal(new World("demo", 2), data.ReadDocument<World>("world"));
        string file = Path.Combine(Root, "world.json");
        File.WriteAllText(file, "{\"id\":");
        Assert.Contains(file, Assert.Throws<StorageException>(() => data.ReadDocument<World>("world")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => data.WriteDocument("../world", new World("x", 1)));
    }

    private sealed record World(string Id, int Generation);
}
