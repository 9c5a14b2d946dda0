using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CommandCenter.Grains.Storing.Migrations.PostgreSql
{
    /// <inheritdoc />
    internal partial class DocumentReasons : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "by_name",
                table: "documents",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "why",
                table: "documents",
                type: "text",
                nullable: true,
                collation: "C");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "by_name",
                table: "documents");

            migrationBuilder.DropColumn(
                name: "why",
                table: "documents");
        }
    }
}
