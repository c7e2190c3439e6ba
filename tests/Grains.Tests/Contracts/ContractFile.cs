namespace KgOrleans.Grains.Tests.Contracts;

/// <summary>The checked-in wire contract.</summary>
/// <param name="path">Where the file lies.</param>
internal sealed class ContractFile(string path)
{
    /// <summary>Compares a contract with the file, and returns what a test must fail with; empty when it may pass.</summary>
    /// <param name="contract">The contract of today.</param>
    /// <param name="accept">Whether to write additions into the file. A change that is more than an addition is never written.</param>
    public string Check(IReadOnlyList<ContractLine> contract, bool accept)
    {
        var before = File.Exists(path) ? File.ReadAllLines(path).Where(line => line.Length > 0).Select(ContractLine.Parse).ToList() : [];
        var changes = ContractChanges.Between(before, contract);
        if (!accept || changes.Broken.Count > 0)
            return changes.Describe();
        if (changes.Added.Count > 0)
            File.WriteAllText(path, string.Concat(contract.Select(line => $"{line}\n")));
        return "";
    }
}
