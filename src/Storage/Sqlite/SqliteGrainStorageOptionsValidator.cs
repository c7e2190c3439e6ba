namespace KgOrleans.Storage.Sqlite;

/// <summary>Refuses bad <see cref="SqliteGrainStorageOptions"/> when the silo starts, naming every fault at once.</summary>
/// <param name="options">The options.</param>
/// <param name="name">The provider's name.</param>
public sealed class SqliteGrainStorageOptionsValidator(SqliteGrainStorageOptions options, string name) : IConfigurationValidator
{
    private const int MaxStateLimit = 512 << 20;

    /// <inheritdoc/>
    public void ValidateConfiguration()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Path))
            errors.Add($"{nameof(options.Path)} is required.");
        Range(nameof(options.MaxBatchWrites), options.MaxBatchWrites, 1, 10_000);
        Range(nameof(options.MaxQueuedWrites), options.MaxQueuedWrites, 1, 1_000_000);
        Range(nameof(options.ReaderConnections), options.ReaderConnections, 1, 64);
        Range(nameof(options.MaxCheckedBytes), options.MaxCheckedBytes, 0, long.MaxValue);
        Range(nameof(options.MaxStateBytes), options.MaxStateBytes, 1, MaxStateLimit);
        if (options.GrainStorageSerializer is null)
            errors.Add($"{nameof(options.GrainStorageSerializer)} is required.");
        if (errors.Count > 0)
            throw new OrleansConfigurationException($"{nameof(SqliteGrainStorageOptions)} of grain storage '{name}' are invalid. {string.Join(' ', errors)}");

        void Range(string property, long value, long min, long max)
        {
            if (value < min || value > max)
                errors.Add($"{property} is {value}; it must be {min} to {max}.");
        }
    }
}
