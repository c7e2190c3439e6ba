namespace KgOrleans.Architecture.Tests;

/// <summary>The checks of folders, over small projects that break one rule each.</summary>
[Trait("Suite", "Unit")]
public sealed class FolderRulesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("kg-folders-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_using_that_points_downwards_is_allowed()
    {
        Write("Recall", "Scan", "using KgOrleans.Ranking.Catalogue;\n");
        Write("Catalogue", "View", "");
        Assert.Empty(FolderRules.ForbiddenArrows(_root));
    }

    [Theory]
    [InlineData("using KgOrleans.Ranking.Recall;\n", "")]
    [InlineData("using static KgOrleans.Ranking.Recall.Scan;\n", "")]
    [InlineData("using Other = KgOrleans.Ranking.Recall.Scan;\n", "")]
    [InlineData("", "    private Recall.Scan _scan;\n")]
    [InlineData("", "    private Ranking.Recall.Scan _scan;\n")]
    [InlineData("", "    private global::KgOrleans.Ranking.Recall.Scan _scan;\n")]
    public void An_arrow_upwards_is_found_however_it_is_written(string usings, string member)
    {
        Write("Recall", "Scan", "");
        Write("Catalogue", "View", usings, member);
        Assert.Equal(["Ranking: Catalogue -> Recall in Catalogue/View.cs"], FolderRules.ForbiddenArrows(_root));
    }

    [Fact]
    public void A_member_that_is_named_like_a_folder_is_no_arrow()
    {
        Write("Recall", "Scan", "");
        Write("Catalogue", "View", "", "    private object Of(Request request) => request.Recall.Scan ?? Recall.Other;\n");
        Assert.Empty(FolderRules.ForbiddenArrows(_root));
    }

    [Fact]
    public void A_circle_is_found_over_any_number_of_folders()
    {
        Write("A", "InA", "using KgOrleans.Ranking.B;\n");
        Write("B", "InB", "using KgOrleans.Ranking.C;\n");
        Write("C", "InC", "");
        Assert.Empty(FolderRules.Circles(Path.Combine(_root, "src", "Ranking"), "Ranking"));
        Write("C", "InC", "using KgOrleans.Ranking.A;\n");
        Assert.Equal(["A -> B -> C -> A"], FolderRules.Circles(Path.Combine(_root, "src", "Ranking"), "Ranking"));
    }

    [Fact]
    public void A_file_beside_the_folders_and_a_new_folder_are_found()
    {
        Write("Recall", "Scan", "");
        Assert.Empty(FolderRules.FilesWithoutFolder(_root));
        Write("", "Stray", "");
        Write("Misc", "More", "");
        Assert.Equal(2, FolderRules.FilesWithoutFolder(_root).Count());
    }

    private void Write(string folder, string type, string usings, string member = "")
    {
        var path = Path.Combine(_root, "src", "Ranking", folder);
        Directory.CreateDirectory(path);
        File.WriteAllText(
            Path.Combine(path, $"{type}.cs"), $"{usings}\nnamespace KgOrleans.Ranking.{folder};\n\ninternal sealed class {type}\n{{\n{member}}}\n");
    }
}
