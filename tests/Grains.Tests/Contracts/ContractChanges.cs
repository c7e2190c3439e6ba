namespace KgOrleans.Grains.Tests.Contracts;

/// <summary>What differs between two versions of the wire contract.</summary>
/// <param name="Broken">Changes that a peer of the version before would misread, one sentence each.</param>
/// <param name="Added">Lines that the version before does not know.</param>
internal sealed record ContractChanges(IReadOnlyList<string> Broken, IReadOnlyList<string> Added)
{
    /// <summary>The variable that lets a run of the tests write additions into the checked-in contract.</summary>
    public const string Accept = "KG_ACCEPT_CONTRACT";

    public static ContractChanges Between(IReadOnlyCollection<ContractLine> before, IReadOnlyCollection<ContractLine> after)
    {
        var now = after.ToDictionary(line => line.Subject);
        var broken = new List<string>();
        var explained = new HashSet<ContractLine>(before);
        foreach (var old in before)
        {
            now.TryGetValue(old.Subject, out var same);
            if (same == old)
                continue;
            var moved = old.Id is null ? null : after.FirstOrDefault(line => line.Id is not null && line.Owner == old.Owner && line.Name == old.Name);
            broken.Add((same, moved) switch
            {
                (_, { } to) when to.Id != old.Id => $"renumbered: {old} -> {to}",
                ({ } to, _) when to.Name == old.Name => $"retyped: {old} -> {to}",
                ({ } to, _) when to.Type == old.Type => $"renamed: {old} -> {to}",
                ({ } to, _) => $"replaced: {old} -> {to}",
                _ => $"removed: {old}",
            });
            if ((moved ?? same) is { } successor)
                explained.Add(successor);
        }
        return new ContractChanges(broken, [.. after.Where(line => !explained.Contains(line)).Select(line => line.ToString())]);
    }

    /// <summary>What a failing test says: the changes, then what to do about them; empty when nothing changed.</summary>
    public string Describe()
    {
        var lines = Broken.Concat(Added.Select(line => $"added: {line}")).ToList();
        if (Broken.Count > 0)
        {
            lines.Add("A silo or client of the version before would misread these. Give a new member the next free id, keep the old one, and put a new "
                + "method beside the old one.");
            lines.Add("Where only a name changed and its meaning did not, change the name in the file by hand.");
        }
        else if (Added.Count > 0)
            lines.Add($"Additions are safe. To accept them, run this test with {Accept}=1 and commit the file that it writes.");
        return string.Join('\n', lines);
    }
}
