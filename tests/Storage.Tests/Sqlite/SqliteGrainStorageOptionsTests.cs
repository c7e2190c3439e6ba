using KgOrleans.Storage.Sqlite;

namespace KgOrleans.Storage.Tests.Sqlite;

[Trait("Suite", "Unit")]
public class SqliteGrainStorageOptionsTests
{
    [Fact]
    public void Defaults_are_pinned()
    {
        var options = new SqliteGrainStorageOptions();
        Assert.Equal(
            (256, 4096, 4, 256L << 20, 16 << 20),
            (options.MaxBatchWrites, options.MaxQueuedWrites, options.ReaderConnections, options.MaxCheckedBytes, options.MaxStateBytes));
        Assert.Equal((true, "", ServiceLifecycleStage.ApplicationServices), (options.DeleteStateOnClear, options.Path, options.InitStage));
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var options = new SqliteGrainStorageOptions { MaxBatchWrites = 0, MaxQueuedWrites = 0, ReaderConnections = 0, MaxCheckedBytes = -1, MaxStateBytes = 0 };
        string message = Assert.Throws<Orleans.Runtime.OrleansConfigurationException>(
            new SqliteGrainStorageOptionsValidator(options, "users").ValidateConfiguration).Message;
        string[] faults =
        [
            "'users'", "Path", "MaxBatchWrites", "MaxQueuedWrites", "ReaderConnections", "MaxCheckedBytes", "MaxStateBytes", "GrainStorageSerializer",
        ];
        Assert.All(faults, fault => Assert.Contains(fault, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Good_options_pass() =>
        new SqliteGrainStorageOptionsValidator(
            new SqliteGrainStorageOptions { Path = "x.db", GrainStorageSerializer = new StateJsonSerializer() }, "users").ValidateConfiguration();
}
