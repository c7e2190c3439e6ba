namespace KgOrleans.Grains.Tests.Contracts;

[Trait("Suite", "Unit")]
public sealed class ContractFileTests : IDisposable
{
    private static readonly string[] Contract =
    [
        "Colour: enum byte", "Colour [0] Red", "Colour [1] Green", "kg.A: class", "kg.A [0] Id: string", "kg.A [1] Count: int",
        "kg.G: grain IGrainWithStringKey", "kg.G.Get(int most): Task<kg.A>",
    ];

    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("kg-contract-").FullName, "wire-contract.txt");

    public ContractFileTests() => File.WriteAllLines(_path, Contract);

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void The_same_contract_passes() => Assert.Empty(Check(false, Contract));

    [Theory]
    [InlineData("kg.A [2] Name: string")]
    [InlineData("kg.B: struct")]
    [InlineData("kg.G.Put(kg.A value): Task")]
    [InlineData("Colour [2] Blue")]
    public void An_addition_is_named_with_how_to_accept_it(string line)
    {
        var complaint = Check(false, [.. Contract, line]);
        Assert.StartsWith($"added: {line}\n", complaint);
        Assert.Contains("KG_ACCEPT_CONTRACT=1", complaint);
        Assert.Equal(Contract, File.ReadAllLines(_path));
    }

    [Fact]
    public void An_accepted_addition_is_written()
    {
        string[] longer = [.. Contract, "kg.A [2] Name: string"];
        Assert.Empty(Check(true, longer));
        Assert.Empty(Check(false, longer));
    }

    [Fact]
    public void The_first_contract_is_an_addition()
    {
        File.Delete(_path);
        Assert.Contains("added: kg.A: class", Check(false, Contract));
        Assert.Empty(Check(true, Contract));
        Assert.Equal(Contract, File.ReadAllLines(_path));
    }

    [Theory]
    [InlineData("kg.A [1] Count: int", null, "removed: kg.A [1] Count: int")]
    [InlineData("kg.A [1] Count: int", "kg.A [2] Count: int", "renumbered: kg.A [1] Count: int -> kg.A [2] Count: int")]
    [InlineData("kg.A [1] Count: int", "kg.A [1] Count: long", "retyped: kg.A [1] Count: int -> kg.A [1] Count: long")]
    [InlineData("kg.A [1] Count: int", "kg.A [1] Number: int", "renamed: kg.A [1] Count: int -> kg.A [1] Number: int")]
    [InlineData("kg.A [1] Count: int", "kg.A [1] Name: string", "replaced: kg.A [1] Count: int -> kg.A [1] Name: string")]
    [InlineData("kg.A: class", "kg.A: struct", "retyped: kg.A: class -> kg.A: struct")]
    [InlineData("Colour [1] Green", "Colour [2] Green", "renumbered: Colour [1] Green -> Colour [2] Green")]
    [InlineData("Colour: enum byte", "Colour: enum int", "retyped: Colour: enum byte -> Colour: enum int")]
    [InlineData("kg.G.Get(int most): Task<kg.A>", null, "removed: kg.G.Get(int most): Task<kg.A>")]
    [InlineData("kg.G.Get(int most): Task<kg.A>", "kg.G.Get(long most): Task<kg.A>", "retyped: kg.G.Get(int most): Task<kg.A> -> kg.G.Get(long most): Task<kg.A>")]
    public void Any_other_change_is_named_and_never_written(string line, string? instead, string said)
    {
        string[] changed = [.. Contract.Select(l => l == line ? instead : l).OfType<string>(), "kg.A [7] Extra: int"];
        foreach (var accept in new[] { false, true })
        {
            var complaint = Check(accept, changed);
            Assert.StartsWith($"{said}\nadded: kg.A [7] Extra: int\n", complaint);
            Assert.DoesNotContain("KG_ACCEPT_CONTRACT", complaint);
            Assert.Equal(Contract, File.ReadAllLines(_path));
        }
    }

    [Fact]
    public void Ids_that_change_places_are_both_renumbered()
    {
        var complaint = Check(true, [.. Contract.Where(l => !l.StartsWith("kg.A [", StringComparison.Ordinal)), "kg.A [0] Count: int", "kg.A [1] Id: string"]);
        Assert.StartsWith("renumbered: kg.A [0] Id: string -> kg.A [1] Id: string\nrenumbered: kg.A [1] Count: int -> kg.A [0] Count: int\n", complaint);
        Assert.DoesNotContain("added:", complaint);
    }

    private string Check(bool accept, string[] lines) => new ContractFile(_path).Check([.. lines.Select(ContractLine.Parse)], accept);
}
