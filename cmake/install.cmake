# cmake --install: the library, its headers, and what find_package(Lamina) reads.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(LAMINA_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Lamina)
install(TARGETS lamina EXPORT LaminaTargets)
install(DIRECTORY lamina DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT LaminaTargets NAMESPACE Lamina:: DESTINATION ${LAMINA_CMAKE_DIR})
configure_package_config_file(cmake/LaminaConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/LaminaConfig.cmake
                              INSTALL_DESTINATION ${LAMINA_CMAKE_DIR})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/LaminaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/LaminaConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/LaminaConfigVersion.cmake
        DESTINATION ${LAMINA_CMAKE_DIR})
