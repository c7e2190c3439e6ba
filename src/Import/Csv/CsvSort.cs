namespace KgOrleans.Import.Csv;

/// <summary>What the rows of a CSV file become.</summary>
public enum CsvSort
{
    /// <summary>Items.</summary>
    Items,

    /// <summary>Users.</summary>
    Users,

    /// <summary>Events.</summary>
    Events,
}
