namespace KgOrleans.Import.Sets;

/// <summary>What became of the rows of one file: read = accepted + held out + rejected.</summary>
public sealed class FileReport(string name)
{
    /// <summary>Name of the file.</summary>
    public string Name => name;

    /// <summary>Rows read, without headers and blank lines.</summary>
    public long Read { get; set; }

    /// <summary>Rows set aside for an evaluation.</summary>
    public long HeldOut { get; set; }

    /// <summary>Rows refused.</summary>
    public RejectionTally Rejected { get; } = new();

    /// <summary>Rows that were used.</summary>
    public long Accepted => Read - HeldOut - Rejected.Count;

    /// <summary>Counts a refused row, with its line and what was in it.</summary>
    public void Reject(string reason, Row row) => Rejected.Add(reason, $"line {row.Line}: {row.Excerpt}");
}
