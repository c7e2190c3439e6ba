using System.Reflection;
using KgOrleans.Grains.Interfaces;
using KgOrleans.TestSupport;

namespace KgOrleans.Grains.Tests.Contracts;

[Trait("Suite", "Unit")]
public sealed class WireContractTests
{
    private static readonly Assembly Interfaces = typeof(IUserGrain).Assembly;

    [Fact]
    public void Messages_between_silos_keep_the_form_that_is_checked_in()
    {
        var file = new ContractFile(Path.Combine(RepositoryRoot.Path, "tests", "Grains.Tests", "Contracts", "wire-contract.txt"));
        var complaint = file.Check(WireContract.Of(Interfaces), Environment.GetEnvironmentVariable(ContractChanges.Accept) == "1");
        Assert.True(complaint.Length == 0, complaint);
    }

    [Fact]
    public void Everything_on_the_wire_has_an_alias() => Assert.Empty(WireContract.WithoutAlias(Interfaces));

    [Fact]
    public void No_two_members_of_a_type_share_an_id() =>
        Assert.Empty(WireContract.DeclaredIds(Interfaces).SelectMany(t => IdOrder.Repeated(t.Type, t.Members)));

    [Fact]
    public void Ids_count_up_in_the_order_of_the_members() =>
        Assert.Empty(WireContract.DeclaredIds(Interfaces).SelectMany(t => IdOrder.OutOfOrder(t.Type, t.Members)));

    [Theory]
    [InlineData("kg.ItemWrite: class")]
    [InlineData("kg.ItemWrite [3] IfMatch: long?")]
    [InlineData("kg.UserSnapshotSurrogate: struct")]
    [InlineData("kg.UserSnapshotSurrogate [6] Tags: kg.InterestSurrogate[]")]
    [InlineData("UserSnapshot: sent as kg.UserSnapshotSurrogate")]
    [InlineData("kg.IUserGrain: grain IGrainWithStringKey")]
    [InlineData("kg.IUserGrain.GetLiked(int most): Task<byte[]>")]
    [InlineData("WriteOperation: enum byte")]
    [InlineData("WriteOperation [2] Delete")]
    public void The_contract_holds_types_members_methods_values_and_surrogates(string line) =>
        Assert.Contains(line, WireContract.Of(Interfaces).Select(l => l.ToString()));

    [Fact]
    public void Every_line_is_read_back_as_it_was_written()
    {
        var contract = WireContract.Of(Interfaces);
        Assert.Equal(contract, contract.Select(line => ContractLine.Parse(line.ToString())));
    }

    [Fact]
    public void The_checks_of_ids_see_holes_swaps_and_repetitions()
    {
        Assert.Empty(IdOrder.OutOfOrder("T", [("A", 0), ("B", 1)]));
        Assert.Equal(["T.B has id 2, its place is 1"], IdOrder.OutOfOrder("T", [("A", 0), ("B", 2)]));
        Assert.Equal(["T.A has id 1, its place is 0", "T.B has id 0, its place is 1"], IdOrder.OutOfOrder("T", [("A", 1), ("B", 0)]));
        Assert.Empty(IdOrder.Repeated("T", [("A", 0), ("B", 1)]));
        Assert.Equal(["T: A and C share id 0"], IdOrder.Repeated("T", [("A", 0), ("B", 1), ("C", 0)]));
    }
}
