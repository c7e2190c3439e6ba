namespace KgOrleans.TestSupport;

/// <summary>What tests use when a machine has it and the repository does not hold it: real data sets, reference programs.</summary>
public static class SharedFolder
{
    /// <summary>The folder that KG_SHARED names, or <c>shared</c> beside the clone; it need not exist.</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable("KG_SHARED") is { Length: > 0 } given
        ? given
        : System.IO.Path.GetFullPath(System.IO.Path.Combine(RepositoryRoot.Path, "..", "shared"));

    /// <summary>
    /// Path of a real data set, in <c>data</c> or in the folder itself; null when it is not there. Their licences keep these sets out of the clone.
    /// </summary>
    public static string? FindDataSet(string file) =>
        new[] { System.IO.Path.Combine(Path, "data", file), System.IO.Path.Combine(Path, file) }.FirstOrDefault(File.Exists);
}
