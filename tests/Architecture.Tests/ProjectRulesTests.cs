namespace KgOrleans.Architecture.Tests;

/// <summary>The checks themselves, over small repositories that break one rule each.</summary>
[Trait("Suite", "Unit")]
public sealed class ProjectRulesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("kg-architecture-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("Ranking", "../Kernels/Kernels.csproj", true)]
    [InlineData("Ranking", "..\\Kernels\\Kernels.csproj", true)]
    [InlineData("Grains", "../Grains.Interfaces/Grains.Interfaces.csproj", true)]
    [InlineData("Api", "../DemoWorld/DemoWorld.csproj", true)]
    [InlineData("Lab", "../DemoWorld/DemoWorld.csproj", true)]
    [InlineData("Lab", "../Storage/Storage.csproj", true)]
    [InlineData("Cli", "../Client/Client.csproj", true)]
    [InlineData("Kernels", "../Ranking/Ranking.csproj", false)]
    [InlineData("Ranking", "../Storage/Storage.csproj", false)]
    [InlineData("Ranking", "..\\Inference\\Inference.csproj", false)]
    [InlineData("Inference", "../Storage/Storage.csproj", false)]
    [InlineData("Grains.Interfaces", "../Grains/Grains.csproj", false)]
    [InlineData("Grains", "../Silo/Silo.csproj", false)]
    [InlineData("Grains", "../DemoWorld/DemoWorld.csproj", false)]
    [InlineData("Silo", "../DemoWorld/DemoWorld.csproj", false)]
    [InlineData("Api", "../Grains/Grains.csproj", false)]
    [InlineData("Cli", "../Inference/Inference.csproj", false)]
    [InlineData("Cli", "../Storage/Storage.csproj", false)]
    [InlineData("Cli", "../Kernels/Kernels.csproj", false)]
    [InlineData("Cli", "../Lab/Lab.csproj", false)]
    [InlineData("Client", "../Grains.Interfaces/Grains.Interfaces.csproj", false)]
    [InlineData("Lab", "../Cli/Cli.csproj", false)]
    [InlineData("Lab", "../Silo/Silo.csproj", false)]
    [InlineData("Ranking", "../../tests/Kernels/Kernels.csproj", false)]
    [InlineData("Newcomer", "../Kernels/Kernels.csproj", false)]
    public void An_arrow_that_is_not_drawn_is_found(string from, string to, bool allowed)
    {
        Write($"src/{from}/{from}.csproj", Project($"""<ProjectReference Include="{to}" />"""));
        var violations = ProjectRules.ForbiddenReferences(_root).ToList();
        Assert.Equal(allowed, violations.Count == 0);
        if (!allowed)
            Assert.StartsWith(from, Assert.Single(violations), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_to_a_file_is_found()
    {
        Write("src/Ranking/Ranking.csproj", Project("""<Reference Include="../Storage/bin/KgOrleans.Storage.dll" />"""));
        Assert.Single(ProjectRules.ForbiddenReferences(_root));
    }

    [Fact]
    public void A_package_in_the_kernels_is_found()
    {
        Write("src/Kernels/Kernels.csproj", Project("""<PackageReference Include="System.Numerics.Tensors" />"""));
        Assert.Equal(["Kernels -> System.Numerics.Tensors"], ProjectRules.KernelPackages(_root));
    }

    [Fact]
    public void A_package_without_a_central_version_or_with_its_own_is_found()
    {
        Write("Directory.Packages.props", Project("""<PackageVersion Include="Known" Version="1.0.0" />"""));
        Write("src/A/A.csproj", Project("""<PackageReference Include="Known" />"""));
        Assert.Empty(ProjectRules.PackagesWithoutCentralVersion(_root));
        Write("src/B/B.csproj", Project("""<PackageReference Include="Unknown" />"""));
        Write("src/C/C.csproj", Project("""<PackageReference Include="Known" Version="2.0.0" />"""));
        Write("tests/Directory.Build.props", Project("""<PackageReference Include="Hidden" />"""));
        Assert.Equal(3, ProjectRules.PackagesWithoutCentralVersion(_root).Count());
    }

    [Fact]
    public void A_long_file_is_found_and_generated_ones_are_left_alone()
    {
        var tooLong = string.Concat(Enumerable.Repeat("//\n", ProjectRules.LongestFile + 1));
        Write("src/A/Longest.cs", tooLong[3..]);
        Write("src/A/obj/Generated.cs", tooLong);
        Assert.Empty(ProjectRules.LongFiles(_root));
        Write("src/A/TooLong.cs", tooLong);
        Assert.Contains("TooLong.cs", Assert.Single(ProjectRules.LongFiles(_root)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_that_the_solution_forgot_is_found()
    {
        Write("KgOrleans.sln", """Project("{0}") = "A", "src\A\A.csproj", "{1}" """);
        Write("src/A/A.csproj", Project(""));
        Assert.Empty(ProjectRules.ProjectsOutsideTheSolution(_root));
        Write("tests/A.Tests/A.Tests.csproj", Project(""));
        Assert.Equal(["tests/A.Tests/A.Tests.csproj"], ProjectRules.ProjectsOutsideTheSolution(_root));
    }

    [Fact]
    public void A_project_without_code_is_found()
    {
        Write("src/A/A.csproj", Project(""));
        Write("src/A/obj/Generated.cs", "//");
        Assert.Single(ProjectRules.EmptyProjects(_root));
        Write("src/A/A.cs", "//");
        Assert.Empty(ProjectRules.EmptyProjects(_root));
    }

    private static string Project(string items) => $"""<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>{items}</ItemGroup></Project>""";

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
